// What a page downloads, from its browser's own network log.

/**
 * Watches a page from now on; what is given tells the bytes that came over the network for each path, without their headers, as they were sent.
 *
 * @param page of playwright
 */
export async function watchDownloads(page) {
  const log = await page.context().newCDPSession(page);
  const running = new Map();
  const done = new Map();
  const failed = [];
  log.on('Network.requestWillBeSent', ({ requestId, request }) => {
    if (!request.url.startsWith('data:')) running.set(requestId, { path: new URL(request.url).pathname });
  });
  log.on('Network.responseReceived', ({ requestId, response }) => {
    const download = running.get(requestId);
    // Until the body comes, what has come are the headers.
    if (download) download.headers = response.encodedDataLength;
  });
  log.on('Network.loadingFinished', ({ requestId, encodedDataLength }) => {
    const download = running.get(requestId);
    if (download) done.set(download.path, (done.get(download.path) ?? 0) + encodedDataLength - download.headers);
    running.delete(requestId);
  });
  log.on('Network.loadingFailed', ({ requestId, errorText }) => failed.push(`${running.get(requestId)?.path}: ${errorText}`));
  await log.send('Network.enable');
  await log.send('Network.setCacheDisabled', { cacheDisabled: true });
  return () => {
    if (failed.length > 0 || running.size > 0) throw new Error(`not all came: ${[...failed, ...[...running.values()].map(({ path }) => path)].join(', ')}`);
    return Object.fromEntries(done);
  };
}
