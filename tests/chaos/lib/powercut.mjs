// What a disk may hold after the power went: plays back the journals that the power-cut VFS kept (powercut_vfs.h).
import fs from 'node:fs';
import path from 'node:path';

const magic = 0x0f0fcafe;
const headSize = 24;
const sectorSize = 512;

// The records of a journal, oldest first. A last one that is incomplete was cut off by the kill, before its write happened.
function records(journal) {
  const found = [];
  for (let at = 0; at + headSize <= journal.length; ) {
    if (journal.readUInt32LE(at) !== magic) throw new Error(`the journal is damaged at byte ${at}`);
    const length = journal.readUInt32LE(at + 4);
    const end = at + headSize + length;
    if (end > journal.length) break;
    found.push({
      offset: Number(journal.readBigUInt64LE(at + 8)),
      sizeBefore: Number(journal.readBigUInt64LE(at + 16)),
      before: journal.subarray(at + headSize, end),
    });
    at = end;
  }
  return found;
}

// The contents at the last sync.
function synced(now, journal) {
  let content = Buffer.from(now);
  for (const { offset, sizeBefore, before } of records(journal).reverse()) {
    if (sizeBefore > content.length) content = Buffer.concat([content, Buffer.alloc(sizeBefore - content.length)]);
    before.copy(content, offset);
    content = content.subarray(0, sizeBefore);
  }
  return content;
}

// Each sector that changed since the sync is on the disk or is not; so is the size of the file.
function mixture(now, then, random) {
  const size = random() < 0.5 ? now.length : then.length;
  const content = Buffer.alloc(size);
  for (let at = 0; at < size; at += sectorSize) {
    const source = random() < 0.5 ? now : then;
    if (at < source.length) source.copy(content, at, at, Math.min(at + sectorSize, size, source.length));
  }
  return content;
}

// Every process must be gone. mode: 'all' loses everything that was not synced, 'some' a random part of it.
// Returns how many bytes differ from what the processes had written.
export function cutPower(dir, mode, random) {
  let lost = 0;
  for (const name of fs.readdirSync(dir)) {
    const file = path.join(dir, name);
    if (name.endsWith('-shm')) fs.rmSync(file);
    if (!name.endsWith('.undo')) continue;
    const target = file.slice(0, -'.undo'.length);
    if (fs.existsSync(target)) {
      const now = fs.readFileSync(target);
      const then = synced(now, fs.readFileSync(file));
      const left = mode === 'all' ? then : mixture(now, then, random);
      lost += difference(now, left);
      fs.writeFileSync(target, left);
    }
    fs.rmSync(file);
  }
  return lost;
}

function difference(a, b) {
  let count = Math.abs(a.length - b.length);
  for (let at = 0; at < Math.min(a.length, b.length); at += 4096) {
    const end = Math.min(at + 4096, a.length, b.length);
    if (!a.subarray(at, end).equals(b.subarray(at, end))) for (let i = at; i < end; i++) count += a[i] !== b[i];
  }
  return count;
}

// A small generator of pseudo-random numbers, so that a failing run can be repeated (CHAOS_SEED).
export function seeded(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let x = Math.imul(state ^ (state >>> 15), 1 | state);
    x = (x + Math.imul(x ^ (x >>> 7), 61 | x)) ^ x;
    return ((x ^ (x >>> 14)) >>> 0) / 4294967296;
  };
}
