/**
 * Inflates a zlib or gzip stream with what the platform has, or with a part of this package that is loaded then.
 *
 * Rejects for a stream that is not whole, and for one that becomes longer than `limit` bytes, where it stops.
 */
export async function decompress(body: Uint8Array<ArrayBuffer>, limit: number, format: 'deflate' | 'gzip' = 'deflate'): Promise<Uint8Array> {
  if (typeof DecompressionStream === 'undefined') return (await import('./inflate.js')).inflate(body, limit, format);
  const { readable, writable } = new DecompressionStream(format);
  const writer = writable.getWriter();
  const reader = readable.getReader();
  // Its failures are the reader's as well.
  const ignore = (): void => {};
  writer.write(body).catch(ignore);
  writer.close().catch(ignore);
  const chunks: BlobPart[] = [];
  let length = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    length += value.length;
    if (length > limit) {
      reader.cancel().catch(ignore);
      throw new RangeError(`a compressed body is longer than ${limit} bytes`);
    }
    chunks.push(value);
  }
  return new Uint8Array(await new Blob(chunks).arrayBuffer());
}
