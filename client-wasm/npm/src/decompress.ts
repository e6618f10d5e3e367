/** Compressed bytes that are inflated in one go: they become at most a thousand times as many, which bounds what is held beyond the limit. */
const STEP = 4096;

/**
 * Inflates a zlib or gzip stream with what the platform has, or with a part of this package that is loaded then.
 *
 * Rejects for a stream that is not whole, and for one that becomes longer than `limit` bytes, where it stops.
 */
export async function decompress(body: Uint8Array<ArrayBuffer>, limit: number, format: 'deflate' | 'gzip' = 'deflate'): Promise<Uint8Array<ArrayBuffer>> {
  if (!globalThis.DecompressionStream) return (await import('./inflate.js')).inflate(body, limit, format);
  let at = 0;
  const compressed = new ReadableStream<Uint8Array<ArrayBuffer>>({
    pull: (stream) => (at < body.length ? stream.enqueue(body.subarray(at, (at += STEP))) : stream.close()),
  });
  const limited = new TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>>({
    transform: (chunk, stream) => {
      limit -= chunk.length;
      if (limit < 0) throw new RangeError('too long');
      stream.enqueue(chunk);
    },
  });
  return new Uint8Array(await new Response(compressed.pipeThrough(new DecompressionStream(format)).pipeThrough(limited)).arrayBuffer());
}
