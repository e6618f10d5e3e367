const worker = new Worker(new URL('./worker.js', import.meta.url), { type: 'module' });
globalThis.outcome = new Promise((resolve) => {
  worker.onmessage = ({ data }) => resolve(data);
  worker.onerror = ({ message }) => resolve({ message });
});
worker.postMessage(location.hash.slice(1));
