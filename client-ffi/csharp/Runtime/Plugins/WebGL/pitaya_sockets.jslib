// The browser's WebSockets, for a client whose host owns its sockets. Nothing here calls into the program: it asks once per frame.
//
// Emscripten 2.0.19 to 3.1.38, which Unity 2021 to 6 bring along, read this file themselves: hence the old JavaScript.
//
//   int  pitaya_socket_open(const char *url)              its number, over 0; 0 when the address is refused
//   int  pitaya_socket_state(int id)                      0 connecting, 1 open, 2 closed
//   int  pitaya_socket_next(int id)                       length of the oldest frame that came; -1 when there is none
//   int  pitaya_socket_read(int id, uint8_t *into, int capacity)
//                                                         copies and removes it; its length, -1 when it does not fit or there is none
//   int  pitaya_socket_send(int id, const uint8_t *bytes, int length)   1 taken, 0 not
//   int  pitaya_socket_buffered(int id)                   bytes that were given and are not sent yet
//   int  pitaya_socket_close_code(int id)                 the WebSocket's close code; 0 before
//   void pitaya_socket_close(int id)                      closes it and forgets it
//
// A number that was never given out, or was closed, is that of a closed socket without frames.

var PitayaSockets = {
  $pitayaSockets: {
    last: 0,
    open: {},

    // Most bytes of frames that wait for the program, which does not ask while its page is hidden: the largest packet there is (16 MiB),
    // and as much again.
    mostWaiting: 32 * 1024 * 1024,
    // What an empty frame counts: about what it takes to keep one.
    frameCost: 64,
    // "It broke", which no close frame carries (RFC 6455 section 7.4.1).
    broken: 1006,

    make: function (url) {
      var web;
      // Newer browsers would take others as well, and read them as if they were relative to the page.
      if (!/^wss?:\/\//i.test(url)) return 0;
      try {
        web = new WebSocket(url);
      } catch (refused) {
        return 0;
      }
      var id = ++pitayaSockets.last;
      var socket = { web: web, frames: [], first: 0, waiting: 0, code: 0 };
      web.binaryType = 'arraybuffer';
      web.onmessage = function (event) {
        pitayaSockets.receive(socket, event.data);
      };
      web.onclose = function (event) {
        socket.code = event.code || pitayaSockets.broken;
      };
      pitayaSockets.open[id] = socket;
      return id;
    },

    receive: function (socket, data) {
      // Servers of the family send text where they mean bytes.
      var frame = typeof data === 'string' ? new TextEncoder().encode(data) : new Uint8Array(data);
      socket.waiting += frame.length + pitayaSockets.frameCost;
      if (socket.waiting > pitayaSockets.mostWaiting) {
        pitayaSockets.drop(socket);
        socket.code = pitayaSockets.broken;
        return;
      }
      socket.frames.push(frame);
    },

    // The oldest frame, if there is one.
    oldest: function (id) {
      var socket = pitayaSockets.open[id];
      return socket && socket.frames[socket.first];
    },

    // Removes it. The others are moved up when they are no more than what was removed: a page that was hidden for long finds many.
    removeOldest: function (id) {
      var socket = pitayaSockets.open[id];
      socket.waiting -= socket.frames[socket.first].length + pitayaSockets.frameCost;
      socket.frames[socket.first++] = null;
      if (socket.first * 2 < socket.frames.length) return;
      socket.frames.splice(0, socket.first);
      socket.first = 0;
    },

    drop: function (socket) {
      socket.web.onmessage = socket.web.onclose = null;
      socket.web.close(1000);
    },
  },

  pitaya_socket_open: function (url) {
    return pitayaSockets.make(UTF8ToString(url));
  },
  // Emscripten 3.1.35 made a library function of what was always there before.
  pitaya_socket_open__deps: ['$pitayaSockets'].concat('$UTF8ToString' in LibraryManager.library ? ['$UTF8ToString'] : []),

  pitaya_socket_state: function (id) {
    var socket = pitayaSockets.open[id];
    if (!socket || socket.code) return 2;
    // One that is closing has not said its code yet, and what came before its end may still be on its way.
    return socket.web.readyState === 0 ? 0 : 1;
  },
  pitaya_socket_state__deps: ['$pitayaSockets'],

  pitaya_socket_next: function (id) {
    var frame = pitayaSockets.oldest(id);
    return frame ? frame.length : -1;
  },
  pitaya_socket_next__deps: ['$pitayaSockets'],

  pitaya_socket_read: function (id, into, capacity) {
    var frame = pitayaSockets.oldest(id);
    if (!frame || frame.length > capacity) return -1;
    pitayaSockets.removeOldest(id);
    // Looked up here, as memory that grows has a new view; addresses beyond 2 GiB come as negative numbers.
    HEAPU8.set(frame, into >>> 0);
    return frame.length;
  },
  pitaya_socket_read__deps: ['$pitayaSockets'],

  pitaya_socket_send: function (id, bytes, length) {
    var socket = pitayaSockets.open[id];
    if (!socket || socket.code || socket.web.readyState !== 1) return 0;
    var start = bytes >>> 0;
    // A copy: browsers send no view of memory that threads share.
    socket.web.send(HEAPU8.slice(start, start + length));
    return 1;
  },
  pitaya_socket_send__deps: ['$pitayaSockets'],

  pitaya_socket_buffered: function (id) {
    var socket = pitayaSockets.open[id];
    return socket ? socket.web.bufferedAmount : 0;
  },
  pitaya_socket_buffered__deps: ['$pitayaSockets'],

  pitaya_socket_close_code: function (id) {
    var socket = pitayaSockets.open[id];
    return socket ? socket.code : 0;
  },
  pitaya_socket_close_code__deps: ['$pitayaSockets'],

  pitaya_socket_close: function (id) {
    var socket = pitayaSockets.open[id];
    if (!socket) return;
    delete pitayaSockets.open[id];
    pitayaSockets.drop(socket);
  },
  pitaya_socket_close__deps: ['$pitayaSockets'],
};

mergeInto(LibraryManager.library, PitayaSockets);
