/** Starts something with a callback and stops waiting for it when the signal is aborted. @throws the signal's reason */
export function abortable<T>(
  signal: AbortSignal,
  start: (resolve: (value: T) => void, reject: (error: unknown) => void) => void,
): Promise<T> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) {
      reject(signal.reason);
      return;
    }
    const onAbort = () => reject(signal.reason);
    signal.addEventListener('abort', onAbort, { once: true });
    const settle =
      <A>(settled: (value: A) => void) =>
      (value: A) => {
        signal.removeEventListener('abort', onAbort);
        settled(value);
      };
    start(settle(resolve), settle(reject));
  });
}
