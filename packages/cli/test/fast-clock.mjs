// Preloaded into a server: its clock runs CLOCK_SPEED times as fast, from CLOCK_START at the real time CLOCK_BASE.
const { CLOCK_START = '0', CLOCK_BASE = '0', CLOCK_SPEED = '1' } = process.env;
const now = Date.now;
Date.now = () => Number(CLOCK_START) + (now() - Number(CLOCK_BASE)) * Number(CLOCK_SPEED);
