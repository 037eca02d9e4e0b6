import ssh2, { type Attributes, type Session } from 'ssh2';
import { isFolder, type MockFile, type MockTree, namesIn, treePath } from './files.js';

const status = ssh2.utils.sftp.STATUS_CODE;

/** Serves a tree over SFTP: list, stat, read and remove; nothing else is permitted. */
export function serveSftp(session: Session, tree: MockTree): void {
  session.on('sftp', (accept) => {
    const sftp = accept();
    sftp.on('end', () => sftp.end()); // ssh2 leaves the answer to a close to us
    const open = new Map<number, { file?: MockFile; names?: string[] }>();
    let next = 0;
    const handleFor = (opened: { file?: MockFile; names?: string[] }): Buffer => {
      const handle = Buffer.alloc(4);
      handle.writeUInt32BE(next);
      open.set(next++, opened);
      return handle;
    };
    const opened = (handle: Buffer) => open.get(handle.readUInt32BE(0));

    sftp.on('OPEN', (id, path) => {
      const file = tree.files.get(treePath(path));
      if (file === undefined) sftp.status(id, status.NO_SUCH_FILE);
      else sftp.handle(id, handleFor({ file }));
    });
    sftp.on('READ', (id, handle, offset, length) => {
      const data = opened(handle)?.file?.read(offset, length);
      if (data === undefined || data.length === 0) sftp.status(id, status.EOF);
      else sftp.data(id, data);
    });
    sftp.on('FSTAT', (id, handle) => {
      const file = opened(handle)?.file;
      if (file === undefined) sftp.status(id, status.FAILURE);
      else sftp.attrs(id, attributes(file));
    });
    sftp.on('CLOSE', (id, handle) => {
      open.delete(handle.readUInt32BE(0));
      sftp.status(id, status.OK);
    });
    sftp.on('OPENDIR', (id, path) => {
      const folder = treePath(path);
      if (isFolder(tree, folder))
        sftp.handle(
          id,
          handleFor({ names: namesIn(tree, folder).map((name) => (folder === '' ? name : `${folder}/${name}`)) }),
        );
      else sftp.status(id, status.NO_SUCH_FILE);
    });
    sftp.on('READDIR', (id, handle) => {
      const folder = opened(handle);
      const paths = folder?.names ?? [];
      if (folder !== undefined) folder.names = [];
      if (paths.length === 0) return sftp.status(id, status.EOF);
      sftp.name(
        id,
        paths.map((path) => ({
          filename: path.slice(path.lastIndexOf('/') + 1),
          longname: path,
          attrs: attributes(tree.files.get(path)),
        })),
      );
    });
    const stat = (id: number, path: string) => {
      const found = treePath(path);
      const file = tree.files.get(found);
      if (file === undefined && !isFolder(tree, found)) sftp.status(id, status.NO_SUCH_FILE);
      else sftp.attrs(id, attributes(file));
    };
    sftp.on('STAT', stat);
    sftp.on('LSTAT', stat);
    sftp.on('REALPATH', (id, path) =>
      sftp.name(id, [{ filename: treePath(path) || '/', longname: '', attrs: attributes(undefined) }]),
    );
    sftp.on('REMOVE', (id, path) =>
      sftp.status(id, tree.files.delete(treePath(path)) ? status.OK : status.NO_SUCH_FILE),
    );
  });
}

function attributes(file: MockFile | undefined): Attributes {
  const seconds = Math.floor((file?.modifiedMs ?? Date.now()) / 1000);
  return {
    mode: file === undefined ? 0o040755 : 0o100644,
    uid: 0,
    gid: 0,
    size: file?.bytes ?? 4096,
    atime: seconds,
    mtime: seconds,
  };
}
