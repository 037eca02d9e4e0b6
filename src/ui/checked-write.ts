import { exitCode, UserError } from '../errors.js';

/** Writes text that must not be lost. @throws UserError `output-lost` */
export function writeChecked(stream: NodeJS.WriteStream, text: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const lost = (error: Error) =>
      reject(
        new UserError('output-lost', `the result could not be written: ${error.message}`, {
          exit: exitCode.local,
          hint: 'Nothing that was collected is lost',
        }),
      );
    stream.once('error', lost);
    stream.write(text, (error) => (error ? lost(error) : resolve()));
  });
}
