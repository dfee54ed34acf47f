import { render } from 'preact';
import { App } from './app.tsx';
import { openWorkers } from './use-models.ts';
import './page.css';
import './views.css';

const root = document.getElementById('app');
if (root) render(<App workers={openWorkers()} />, root);
