// What must hold of a case, by format: conformance/README.md, section Formats.

import { expect } from 'vitest';

import { hex, list, members, message, packet, withHex, type Json, type Members } from './notation.js';

/** Gives a case, bytes as hex digits, to the codecs, and returns what they make of it. */
type Evaluate = (given: Members) => Members;
type Check = (given: Members, evaluate: Evaluate) => void;

const NO_ERROR = { code: '', msg: '', metadata: {} };

function payload(value: Json | undefined): Members {
  return { ...NO_ERROR, ...members(value) };
}

/** The members that a case has, of an outcome. */
function of(outcome: Members, given: Members, names: readonly string[]): void {
  for (const name of names) expect(outcome[name] ?? null, name).toEqual(given[name] ?? null);
}

export const formats: Readonly<Record<string, Check>> = {
  packets(given, evaluate) {
    const [bytes, packets] = [hex(given['bytes']), list(given['packets']).map(packet)];
    expect(evaluate({ bytes, packets })).toEqual({ bytes, packets, left: 0 });
  },

  'packet-streams'(given, evaluate) {
    const chunks = list(given['chunks']).map((chunk) => hex(chunk));
    const packets = list(given['packets']).map(packet);
    expect(evaluate({ ...given, chunks })).toEqual({ packets, then: given['then'] });
  },

  'packet-refusals'(given, evaluate) {
    expect(evaluate(given)).toEqual({ error: given['error'] });
  },

  frames(given, evaluate) {
    const { verdict } = given;
    const packets = list(given['packets'] ?? []).map(packet);
    expect(evaluate(withHex(given, 'frame'))).toEqual(verdict === 'ok' ? { verdict, packets } : { verdict });
  },

  messages(given, evaluate) {
    const [bytes, whole] = [hex(given['bytes']), message(given['message'])];
    expect(evaluate({ bytes, message: whole })).toEqual({ bytes, message: whole });
  },

  'messages-tolerated'(given, evaluate) {
    const outcome = evaluate({ bytes: hex(given['bytes']) });
    expect(outcome).toEqual({ message: message(given['message']) });
  },

  'messages-malformed'(given, evaluate) {
    expect(evaluate({ bytes: hex(given['bytes']) })).toEqual({ error: given['error'] });
  },

  'message-refusals'(given, evaluate) {
    expect(evaluate({ message: message(given['message']) })).toEqual({ error: given['error'] });
  },

  compression(given, evaluate) {
    const outcome = evaluate(withHex(given, 'bytes'));
    of(outcome, given, ['verdict', 'sniffed']);
    if (given['verdict'] === 'ok') expect(outcome['inflated']).toBe(hex(given['inflated']));
  },

  sniffing(given, evaluate) {
    of(evaluate(withHex(given, 'bytes')), given, ['compressed']);
  },

  routes(given, evaluate) {
    of(evaluate(given), given, ['verdict', 'server', 'service', 'method']);
  },

  dictionaries(given, evaluate) {
    of(evaluate(given), given, given['verdict'] === 'ok' ? ['verdict', 'codes', 'routes'] : ['verdict']);
  },

  errors(given, evaluate) {
    const written = withHex(given, 'json', 'protobuf');
    const outcome = evaluate(written);
    of(outcome, written, ['json', 'protobuf']);
    for (const name of ['from_json', 'from_protobuf']) expect(payload(outcome[name]), name).toEqual(payload(given['value']));
  },

  'errors-tolerated'(given, evaluate) {
    const outcome = evaluate(withHex(given, 'body'));
    of(outcome, given, ['verdict']);
    if (given['verdict'] === 'ok') expect(payload(outcome['value'])).toEqual(payload(given['value']));
  },

  'handshake-requests'(given, evaluate) {
    const nothing = { platform: '', lib_version: '', build_number: '', version: '', serializers: [], capabilities: [], user: {} };
    handshake(given, evaluate, nothing);
  },

  'handshake-responses'(given, evaluate) {
    const outcome = handshake(given, evaluate, { dictionary: {}, capabilities: [] });
    of(outcome, given, ['compressed']);
  },

  capabilities(given, evaluate) {
    of(evaluate(given), given, ['granted']);
  },

  'close-codes'(given, evaluate) {
    const names = ['number', 'named', 'reconnect', 'kick'];
    of(evaluate(given), given, given['named'] === true ? [...names, 'name'] : names);
  },

  kicks(given, evaluate) {
    const outcome = evaluate(withHex(given, 'body'));
    of(outcome, given, ['code', 'reason', 'retry_after_ms', 'endpoint']);
    if (given['written'] === true) expect(outcome['written']).toBe(hex(given['body']));
  },
};

function handshake(given: Members, evaluate: Evaluate, nothing: Members): Members {
  const outcome = evaluate(withHex(given, 'body'));
  of(outcome, given, ['verdict']);
  if (given['verdict'] === 'ok') {
    expect({ ...nothing, ...members(outcome['value']) }).toEqual({ ...nothing, ...members(given['value']) });
  }
  if (given['written'] === true) expect(outcome['written']).toBe(hex(given['body']));
  return outcome;
}
