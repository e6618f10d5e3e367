// What the bridge does with sockets that do what no server does on demand.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

const TEXT = readFileSync(new URL('../../csharp/Runtime/Plugins/WebGL/pitaya_sockets.jslib', import.meta.url), 'utf8');
const MIB = 1024 * 1024;

class FakeSocket {
  static last;
  readyState = 0;
  bufferedAmount = 0;
  sent = [];

  constructor(url) {
    if (url.includes('[')) throw new SyntaxError('no address');
    this.url = url;
    FakeSocket.last = this;
  }

  send(bytes) {
    this.sent.push(bytes);
  }

  close(code) {
    this.readyState = 2;
    this.closedWith = code;
  }

  opens() {
    this.readyState = 1;
  }

  receives(data) {
    this.onmessage?.({ data });
  }

  ends(code) {
    this.readyState = 3;
    this.onclose?.({ code });
  }
}

/** The bridge as emscripten puts it into a program, whose memory is `program.memory`. */
function bridge(library = {}) {
  const program = { memory: new Uint8Array(64) };
  const url = (address) => new TextDecoder().decode(program.memory.subarray(address, program.memory.indexOf(0, address)));
  const LibraryManager = { library: { ...library } };
  const merge = (into, from) => Object.assign(into, from);
  const scope = { LibraryManager, mergeInto: merge, WebSocket: FakeSocket, UTF8ToString: url, TextEncoder };
  // The memory has another view whenever it has grown: the name is looked up each time.
  const names = Object.keys(scope).join(', ');
  const text = `let pitayaSockets; with (memory) { ${TEXT} pitayaSockets = PitayaSockets.$pitayaSockets; }`;
  const memory = { get HEAPU8() { return program.memory; } };
  new Function('memory', names.replaceAll(' ', ''), text)(memory, ...Object.values(scope));
  program.library = LibraryManager.library;
  for (const [name, value] of Object.entries(program.library)) if (name.startsWith('pitaya_') && typeof value === 'function') program[name.replace('pitaya_socket_', '')] = value;
  program.write = (text, at = 0) => program.memory.set(new TextEncoder().encode(`${text}\0`), at);
  program.opened = () => {
    program.write('ws://a.b');
    const id = program.open(0);
    FakeSocket.last.opens();
    return [id, FakeSocket.last];
  };
  return program;
}

test('an address that is none is refused', () => {
  const program = bridge();
  for (const url of ['ws://[', 'http://a.b', '/relative', '']) {
    program.write(url);
    assert.equal(program.open(0), 0, url);
  }
  program.write('wss://a.b/c');
  assert.ok(program.open(0) > 0);
  assert.equal(FakeSocket.last.url, 'wss://a.b/c');
  assert.equal(FakeSocket.last.binaryType, 'arraybuffer');
});

test('frames are read in their order, and one that does not fit stays', () => {
  const program = bridge();
  const [id, socket] = program.opened();
  assert.equal(program.next(id), -1);
  socket.receives(Uint8Array.of(1, 2, 3).buffer);
  socket.receives('ö');
  socket.receives(new ArrayBuffer(0));
  assert.equal(program.next(id), 3);
  assert.equal(program.read(id, 8, 2), -1);
  assert.equal(program.read(id, 8, 3), 3);
  assert.deepEqual([...program.memory.subarray(8, 11)], [1, 2, 3]);
  assert.equal(program.read(id, 8, 64), 2);
  assert.deepEqual([...program.memory.subarray(8, 10)], [0xc3, 0xb6]);
  assert.equal(program.next(id), 0);
  assert.equal(program.read(id, 8, 0), 0);
  assert.equal(program.next(id), -1);
});

test('memory that has grown is read and written where it is now', () => {
  const program = bridge();
  const [id, socket] = program.opened();
  program.memory = new Uint8Array(128);
  socket.receives(Uint8Array.of(7).buffer);
  assert.equal(program.read(id, 100, 1), 1);
  assert.equal(program.memory[100], 7);
  assert.equal(program.send(id, 100, 1), 1);
  program.memory[100] = 8;
  assert.deepEqual([...socket.sent[0]], [7], 'what was sent is a copy');
});

test('a socket is connecting, open, closed', () => {
  const program = bridge();
  program.write('ws://a.b');
  const id = program.open(0);
  assert.equal(program.state(id), 0);
  assert.equal(program.send(id, 0, 1), 0);
  FakeSocket.last.opens();
  assert.equal(program.state(id), 1);
  FakeSocket.last.bufferedAmount = 5;
  assert.equal(program.buffered(id), 5);
  FakeSocket.last.receives(Uint8Array.of(9).buffer);
  assert.equal(program.close_code(id), 0);
  FakeSocket.last.ends(4100);
  assert.deepEqual([program.state(id), program.close_code(id), program.send(id, 0, 1)], [2, 4100, 0]);
  assert.equal(program.read(id, 0, 1), 1, 'what came before the end can be read after it');
});

test('what waits is bounded', () => {
  const program = bridge();
  const [id, socket] = program.opened();
  socket.receives(new ArrayBuffer(16 * MIB));
  socket.receives(new ArrayBuffer(15 * MIB));
  assert.equal(program.state(id), 1);
  socket.receives(new ArrayBuffer(MIB));
  assert.deepEqual([program.state(id), program.close_code(id), socket.closedWith], [2, 1006, 1000]);
  assert.equal(program.next(id), 16 * MIB);
});

test('many that wait are read in their order', () => {
  const program = bridge();
  const [id, socket] = program.opened();
  for (let number = 0; number < 200; number++) socket.receives(Uint8Array.of(number).buffer);
  const read = [];
  while (program.read(id, 0, 1) === 1) {
    read.push(program.memory[0]);
    if (read.length === 150) socket.receives(Uint8Array.of(200).buffer);
  }
  assert.deepEqual(read, Array.from({ length: 201 }, (_, number) => number));
});

test('what waits is bounded where frames are empty, and what was read counts no more', () => {
  const program = bridge();
  const [id, socket] = program.opened();
  const most = (32 * MIB) / 64;
  const empty = new ArrayBuffer(0);
  for (let frame = 0; frame < most; frame++) socket.receives(empty);
  assert.equal(program.state(id), 1);
  program.read(id, 0, 0);
  socket.receives(empty);
  assert.equal(program.state(id), 1);
  socket.receives(empty);
  assert.equal(program.state(id), 2);
});

test('a number that is none is that of a closed socket', () => {
  const program = bridge();
  const [closed, socket] = program.opened();
  socket.receives(Uint8Array.of(1).buffer);
  program.close(closed);
  assert.equal(socket.closedWith, 1000);
  socket.receives(Uint8Array.of(1).buffer);
  for (const id of [closed, 0, -1, 77]) {
    const told = [program.state(id), program.next(id), program.read(id, 0, 64), program.send(id, 0, 1), program.buffered(id), program.close_code(id)];
    assert.deepEqual(told, [2, -1, -1, 0, 0, 0], String(id));
    program.close(id);
  }
});

test('emscripten finds what the bridge needs, before and after it made a library function of it', () => {
  assert.deepEqual(bridge().library.pitaya_socket_open__deps, ['$pitayaSockets']);
  const newer = bridge({ $UTF8ToString: () => {} });
  assert.deepEqual(newer.library.pitaya_socket_open__deps, ['$pitayaSockets', '$UTF8ToString']);
  const functions = Object.keys(newer.library).filter((name) => /^pitaya_[a-z_]+$/.test(name) && !name.endsWith('__deps'));
  assert.equal(functions.length, 8);
  for (const name of functions) assert.ok(newer.library[`${name}__deps`].includes('$pitayaSockets'), name);
});

test('nothing is used that emscripten has dropped', () => {
  assert.doesNotMatch(TEXT, /dynCall|Pointer_stringify|Runtime\./);
});
