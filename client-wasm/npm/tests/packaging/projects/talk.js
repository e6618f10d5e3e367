/** What every project does with its client: a request that is answered, and a push. Gives what it heard, or what went wrong. */
export async function talk(connect, url, options) {
  try {
    const client = await connect(url, options);
    const push = new Promise((resolve) => client.once('some.push.route', resolve));
    const answer = await client.request('connector.sendpush', {});
    const heard = { answer, push: await push, state: client.state };
    await client.close();
    return heard;
  } catch ({ name, code, message, retryable }) {
    return { name, code, message, retryable };
  }
}
