#!/usr/bin/env node
import '@gru4rec/cli/main';
