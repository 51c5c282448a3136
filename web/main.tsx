import { render } from 'preact';
import './design/tokens.css';
import './design/elements.css';
import { Console } from './shell/console.tsx';

const root = document.getElementById('console');
if (!root) throw new Error('index.html has no place for the console');
render(<Console />, root);
