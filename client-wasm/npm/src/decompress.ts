/** Compressed bytes that are inflated in one go: they become at most a thousand times as many, which bounds what is held beyond the limit. */
const STEP = 4096;

/**
 * Inflates a zlib or gzip stream with what the platform has, or with a part of this package that is loaded then.
 *
 * Rejects for a stream that is not whole, and for one that becomes longer than `limit` bytes, where it stops.
 */
export async function decompress(body: Uint8Array<ArrayBuffer>, limit: number, format: 'deflate' | 'gzip' = 'deflate'): Promise<Uint8Array> {
  if (!globalThis.DecompressionStream) return (await import('./inflate.js')).inflate(body, limit, format);
  const stream = new DecompressionStream(format);
  const reader = stream.readable.getReader();
  const feed = async (): Promise<void> => {
    const writer = stream.writable.getWriter();
    for (let at = 0; at < body.length; at += STEP) await writer.write(body.subarray(at, at + STEP));
    await writer.close();
  };
  // Its failures are the reader's as well.
  feed().catch(() => {});
  const chunks: BlobPart[] = [];
  for (let length = 0; ; ) {
    const { done, value } = await reader.read();
    if (done) return new Uint8Array(await new Blob(chunks).arrayBuffer());
    chunks.push(value);
    length += value.length;
    if (length > limit) {
      reader.cancel().catch(() => {});
      throw new RangeError(`over ${limit} bytes`);
    }
  }
}
