/** A function that does the work at its first call and never again. */
export function onlyOnce(work: () => void): () => void {
  let done = false;
  return () => {
    if (done) return;
    done = true;
    work();
  };
}
