import ssh2, { type Attributes, type Session, type SFTPWrapper } from 'ssh2';
import { isFolder, type MockFile, type MockTree, namesIn, treePath } from './files.js';

const status = ssh2.utils.sftp.STATUS_CODE;

/** Serves a tree over SFTP; only list, stat, read and remove are permitted. */
export function serveSftp(session: Session, tree: MockTree): void {
  session.on('sftp', (accept) => {
    const sftp = accept();
    sftp.on('end', () => sftp.end()); // ssh2 leaves the answer to a close to us
    const server = new SftpServer(sftp, tree);
    sftp.on('OPEN', (id, path) => server.open(id, path));
    sftp.on('READ', (id, handle, offset, length) => void server.read(id, handle, offset, length));
    sftp.on('FSTAT', (id, handle) => server.statOpen(id, handle));
    sftp.on('CLOSE', (id, handle) => server.close(id, handle));
    sftp.on('OPENDIR', (id, path) => server.openFolder(id, path));
    sftp.on('READDIR', (id, handle) => server.readFolder(id, handle));
    sftp.on('STAT', (id, path) => server.stat(id, path));
    sftp.on('LSTAT', (id, path) => server.stat(id, path));
    sftp.on('REALPATH', (id, path) => server.realPath(id, path));
    sftp.on('REMOVE', (id, path) => void server.remove(id, path));
  });
}

/** What a handle stands for: a file, or the paths of a folder that were not sent yet. */
type Opened = { path: string; file?: MockFile; paths?: string[] };

/** Answers the requests of one SFTP session, each by its number. */
class SftpServer {
  private readonly sftp: SFTPWrapper;
  private readonly tree: MockTree;
  private readonly handles = new Map<number, Opened>();
  private nextHandle = 0;

  constructor(sftp: SFTPWrapper, tree: MockTree) {
    this.sftp = sftp;
    this.tree = tree;
  }

  open(id: number, path: string): void {
    const file = this.tree.files.get(treePath(path));
    if (file === undefined) this.sftp.status(id, status.NO_SUCH_FILE);
    else this.sftp.handle(id, this.handleFor({ path: treePath(path), file }));
  }

  async read(id: number, handle: Buffer, offset: number, length: number): Promise<void> {
    const opened = this.opened(handle);
    if (this.tree.gate !== undefined) await this.tree.gate('read', opened?.path ?? '');
    const data = opened?.file?.read(offset, length);
    if (data === undefined || data.length === 0) this.sftp.status(id, status.EOF);
    else this.sftp.data(id, data);
  }

  statOpen(id: number, handle: Buffer): void {
    const file = this.opened(handle)?.file;
    if (file === undefined) this.sftp.status(id, status.FAILURE);
    else this.sftp.attrs(id, attributes(file));
  }

  close(id: number, handle: Buffer): void {
    this.handles.delete(handle.readUInt32BE(0));
    this.sftp.status(id, status.OK);
  }

  openFolder(id: number, path: string): void {
    const folder = treePath(path);
    if (!isFolder(this.tree, folder)) return void this.sftp.status(id, status.NO_SUCH_FILE);
    const paths = namesIn(this.tree, folder).map((name) => (folder === '' ? name : `${folder}/${name}`));
    this.sftp.handle(id, this.handleFor({ path: folder, paths }));
  }

  /** Sends all entries of a folder at once, and then its end. */
  readFolder(id: number, handle: Buffer): void {
    const folder = this.opened(handle);
    const paths = folder?.paths ?? [];
    if (folder !== undefined) folder.paths = [];
    if (paths.length === 0) this.sftp.status(id, status.EOF);
    else
      this.sftp.name(
        id,
        paths.map((path) => this.entryOf(path)),
      );
  }

  stat(id: number, path: string): void {
    const found = treePath(path);
    const file = this.tree.files.get(found);
    if (file === undefined && !isFolder(this.tree, found)) this.sftp.status(id, status.NO_SUCH_FILE);
    else this.sftp.attrs(id, attributes(file));
  }

  realPath(id: number, path: string): void {
    this.sftp.name(id, [{ filename: treePath(path) || '/', longname: '', attrs: attributes(undefined) }]);
  }

  async remove(id: number, path: string): Promise<void> {
    if (this.tree.gate !== undefined) await this.tree.gate('remove', treePath(path));
    this.sftp.status(id, this.tree.files.delete(treePath(path)) ? status.OK : status.NO_SUCH_FILE);
  }

  private entryOf(path: string) {
    const filename = path.slice(path.lastIndexOf('/') + 1);
    return { filename, longname: path, attrs: attributes(this.tree.files.get(path)) };
  }

  private handleFor(opened: Opened): Buffer {
    const handle = Buffer.alloc(4);
    handle.writeUInt32BE(this.nextHandle);
    this.handles.set(this.nextHandle++, opened);
    return handle;
  }

  private opened(handle: Buffer): Opened | undefined {
    return this.handles.get(handle.readUInt32BE(0));
  }
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
