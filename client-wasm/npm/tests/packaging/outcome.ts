// What a project has to hear from the server.

export const heard = {
  answer: { Code: 200, Msg: 'Ok' },
  push: { key1: 10, key2: true },
  state: { kind: 'connected', serializer: 'json' },
};
