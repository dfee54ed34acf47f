import { render } from 'preact';
import { App } from './app.tsx';
import { openWorkers } from './worker/open-workers.ts';
import './styles/base.css';
import './styles/layout.css';
import './styles/controls.css';
import './styles/lists.css';
import './styles/explain.css';
import './styles/train.css';
import './styles/narrow.css';

const root = document.getElementById('app');
if (root) render(<App workers={openWorkers()} />, root);
