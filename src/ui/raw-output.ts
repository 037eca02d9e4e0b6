import { exitCode, UserError } from '../errors.js';

/** The result as bytes: for what is too much to be held, or is no text. */
export type RawOutput = {
  /** A person looks at it: nothing may go there that is not printable. */
  isTerminal: boolean;
  /** @returns false where nobody reads any more, as behind `| head` @throws UserError `output-lost` */
  write(bytes: Buffer | string): Promise<boolean>;
};

export function rawOutput(stream: NodeJS.WriteStream): RawOutput {
  let failure: NodeJS.ErrnoException | undefined;
  stream.on('error', (error) => {
    failure = error;
  });
  return {
    isTerminal: stream.isTTY === true,
    write: async (bytes) => {
      if (failure === undefined)
        await written(stream, bytes).catch((error: NodeJS.ErrnoException) => (failure = error));
      if (failure === undefined) return true;
      if (failure.code === 'EPIPE') return false;
      throw new UserError('output-lost', `the result could not be written: ${failure.message}`, {
        exit: exitCode.local,
        hint: 'Nothing was changed; try again where there is room for it',
      });
    },
  };
}

function written(stream: NodeJS.WriteStream, bytes: Buffer | string): Promise<void> {
  return new Promise((resolve, reject) => {
    stream.write(bytes, (error) => (error ? reject(error) : resolve()));
  });
}
