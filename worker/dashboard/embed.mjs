// Makes of a folder one file with all its files in it, plain and compressed, and a C++ table of what is where.
//                                                            usage: node embed.mjs FOLDER FILES.bin TABLE.cpp
import fs from 'node:fs';
import path from 'node:path';
import zlib from 'node:zlib';

// Only these: a file of another kind is a mistake that shall be noticed here.
const types = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.txt': 'text/plain; charset=utf-8',
  '.woff2': 'font/woff2',
};

function filesBelow(folder, prefix = '') {
  return fs.readdirSync(path.join(folder, prefix), { withFileTypes: true }).flatMap((entry) => {
    const name = prefix + entry.name;
    return entry.isDirectory() ? filesBelow(folder, `${name}/`) : [name];
  });
}

const [folder, filesTarget, tableTarget] = process.argv.slice(2);
const names = filesBelow(folder).sort((a, b) => (a < b ? -1 : 1));
if (!names.includes('index.html')) throw new Error(`no index.html in ${folder}`);

const pieces = [];
let offset = 0;
function place(bytes) {
  const start = offset;
  pieces.push(bytes);
  offset += bytes.length;
  return bytes.length ? `{wombat_dashboard_files + ${start}, ${bytes.length}}` : '{}';
}

const rows = names.map((name) => {
  const type = types[path.extname(name)];
  if (!type || !/^[\w./-]+$/.test(name)) throw new Error(`${name}: no content type is known for it, or its name needs escaping`);
  const content = fs.readFileSync(path.join(folder, name));
  const compressed = zlib.gzipSync(content, { level: 9 });
  const gzip = compressed.length < content.length ? compressed : Buffer.alloc(0);
  return `      {"${name}", "${type}", ${place(content)}, ${place(gzip)}},`;
});

fs.writeFileSync(filesTarget, Buffer.concat(pieces));
fs.writeFileSync(tableTarget, `// Generated.
#include "worker/dashboard/assets.h"

extern "C" const char wombat_dashboard_files[];

namespace wombat {

std::span<const DashboardAsset> DashboardAssets() {
  static constexpr DashboardAsset assets[] = {
${rows.join('\n')}
  };
  return assets;
}

}  // namespace wombat
`);
