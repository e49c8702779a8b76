import { createRoot } from 'react-dom/client';
import { App } from './app/app.tsx';
import { speak as loadCatalogue } from './language.ts';
import './look/look.css';

await loadCatalogue();
const root = document.getElementById('root');
if (root) createRoot(root).render(<App />);
