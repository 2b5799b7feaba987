import './app.css';
import { mount } from 'svelte';
import App from './App.svelte';

// What a server adds to its dashboard has run before the first page is shown; without it the dashboard starts all the same.
async function loadExtensions(): Promise<void> {
  try {
    await import(/* @vite-ignore */ new URL('extensions.js', document.baseURI).href);
  } catch (error) {
    console.warn('The extensions could not be loaded.', error);
  }
}

void loadExtensions().then(() => mount(App, { target: document.body }));
