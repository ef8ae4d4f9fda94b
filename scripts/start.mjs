// `npm start`: the editor in the browser on the example workspace.
import { spawn } from 'node:child_process';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import install from './editor-host/install.cjs';
import host from './editor-host/server.cjs';

const root = path.join(path.dirname(fileURLToPath(import.meta.url)), '..');
const reason = install.whyUnsupported();
if (reason) {
  console.error(`${reason}.\nOpen this folder in VS Code and press F5 instead.`);
  process.exit(2);
}
install.installEditorHost();
const workspace = path.join(root, 'examples', 'locomotion');
const server = await host.startServer({
  extension: root,
  workspace,
  port: process.env.PORT ? Number(process.env.PORT) : undefined,
});
console.log(`VS Code is open on examples/locomotion at\n  ${server.url}\nCtrl-C stops it.`);
if (process.stdout.isTTY) spawn('xdg-open', [server.url], { stdio: 'ignore', detached: true }).on('error', () => {}).unref();
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => void server.stop().then(() => process.exit(0)));
