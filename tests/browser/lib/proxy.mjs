// A reverse proxy that shows the server below a path of its own.
import http from 'node:http';

// Resolves to {url, strays, close}: `strays` are the paths that were asked for and lie outside of the prefix.
export function startProxy(target, prefix) {
  const strays = [];
  const proxy = http.createServer((request, response) => {
    if (!request.url.startsWith(prefix)) {
      strays.push(request.url);
      response.writeHead(404).end();
      return;
    }
    const onward = http.request(new URL(request.url.slice(prefix.length - 1), target),
      { method: request.method, headers: request.headers }, (answer) => {
        response.writeHead(answer.statusCode, answer.headers);
        answer.pipe(response);
      });
    onward.on('error', () => response.destroy());
    request.pipe(onward);
  });
  return new Promise((resolve) => {
    proxy.listen(0, '127.0.0.1', () => {
      const close = () => (proxy.closeAllConnections(), new Promise((done) => proxy.close(done)));
      resolve({ url: `http://127.0.0.1:${proxy.address().port}${prefix}`, strays, close });
    });
  });
}
