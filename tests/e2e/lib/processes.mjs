// What the kernel tells about a running server: its processes, who owns a connection, how much memory they hold.
import fs from 'node:fs';

function read(path) {
  try {
    return fs.readFileSync(path, 'latin1');
  } catch {
    return '';
  }
}

export function alive(pid) {
  const state = read(`/proc/${pid}/stat`).replace(/^.*\) /s, '')[0];
  return state !== undefined && state !== 'Z';
}

// The process title as ps shows it.
export function title(pid) {
  return read(`/proc/${pid}/cmdline`).replaceAll('\0', ' ').trim();
}

// The living children of a process, oldest first: [{pid, title, role: 'worker' | 'writer' | '', index}].
export function children(parent) {
  return fs.readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      const fields = read(`/proc/${pid}/stat`).replace(/^.*\) /s, '').split(' ');
      return Number(fields[1]) === parent && fields[0] !== 'Z';
    })
    .map((name) => {
      const pid = Number(name);
      const words = title(pid);
      const role = /\bwriter\b/.test(words) ? 'writer' : /\bworker\b/.test(words) ? 'worker' : '';
      return { pid, title: words, role, index: Number(/worker\D*(\d+)/.exec(words)?.[1] ?? -1) };
    })
    .sort((a, b) => a.pid - b.pid);
}

// Every process below `root`, itself included.
export function tree(root) {
  return [root, ...children(root).flatMap((child) => tree(child.pid))];
}

// The process among `pids` that holds the server's end of the connection from clientPort to serverPort; null when none does
// (the kernel has completed the connection but nobody has accepted it).
export function ownerOf(clientPort, serverPort, pids) {
  const hex = (port) => port.toString(16).toUpperCase().padStart(4, '0');
  for (const table of ['/proc/net/tcp', '/proc/net/tcp6']) {
    for (const line of read(table).split('\n').slice(1)) {
      const fields = line.trim().split(/\s+/);
      if (fields.length < 10 || !fields[1].endsWith(`:${hex(serverPort)}`)) continue;
      if (!fields[2].endsWith(`:${hex(clientPort)}`)) continue;
      const target = `socket:[${fields[9]}]`;
      return pids.find((pid) => holds(pid, target)) ?? null;
    }
  }
  return null;
}

function holds(pid, target) {
  try {
    return fs.readdirSync(`/proc/${pid}/fd`).some((fd) => {
      try {
        return fs.readlinkSync(`/proc/${pid}/fd/${fd}`) === target;
      } catch {
        return false;
      }
    });
  } catch {
    return false;
  }
}

// Proportional set size in KiB: what a process holds, shared pages counted by share.
export function pss(pid) {
  return Number(/^Pss:\s+(\d+)/m.exec(read(`/proc/${pid}/smaps_rollup`))?.[1] ?? 0);
}

// Processor time that a process has used, in hundredths of a second.
export function cpuTicks(pid) {
  const fields = read(`/proc/${pid}/stat`).replace(/^.*\) /s, '').split(' ');
  return Number(fields[11]) + Number(fields[12]);
}
