// Starts VS Code's server with one extension on one folder. Shared by `npm start` and the editor tests.
const { execFileSync, spawn } = require('node:child_process');
const fs = require('node:fs');
const http = require('node:http');
const net = require('node:net');
const os = require('node:os');
const path = require('node:path');
const { serverMain, serverNode } = require('./install.cjs');

const quietSettings = {
  'workbench.startupEditor': 'none',
  'workbench.tips.enabled': false,
  'workbench.enableExperiments': false,
  'workbench.welcomePage.walkthroughs.openOnInstall': false,
  'workbench.secondarySideBar.defaultVisibility': 'hidden',
  'workbench.editor.empty.hint': 'hidden',
  'window.commandCenter': false,
  'chat.disableAIFeatures': true,
  'telemetry.telemetryLevel': 'off',
  'update.mode': 'none',
  'update.showReleaseNotes': false,
  'extensions.autoUpdate': false,
  'extensions.autoCheckUpdates': false,
  'extensions.ignoreRecommendations': true,
};

const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

function freePort() {
  return new Promise((resolve, reject) => {
    const server = net.createServer().on('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

function answers(url) {
  return new Promise((resolve) => {
    const request = http.get(url, (response) => {
      response.resume();
      response.on('end', () => resolve(response.statusCode === 200));
    });
    request.on('error', () => resolve(false)).setTimeout(5000, () => request.destroy());
  });
}

/**
 * Starts VS Code's server; its profile lives in a temporary folder that `stop` removes.
 * @param extension the repository, or a `.vsix` that is installed first
 * @param companions folders of further extensions
 * @param trustPrompt whether an unknown folder asks for trust; off means that every folder is trusted
 */
async function startServer({ extension, companions = [], workspace, settings = {}, port, trustPrompt = false }) {
  const home = fs.mkdtempSync(path.join(os.tmpdir(), 'vsc-')); // short: unix socket paths live below it
  const userData = path.join(home, 'ud');
  const extensions = path.join(home, 'ext');
  fs.mkdirSync(path.join(userData, 'User'), { recursive: true });
  fs.mkdirSync(extensions);
  fs.writeFileSync(path.join(userData, 'User', 'settings.json'), JSON.stringify({ ...quietSettings, ...settings }, null, 2));

  const environment = { ...process.env, HOME: home, XDG_RUNTIME_DIR: home, XDG_CONFIG_HOME: path.join(home, '.config'), XDG_DATA_HOME: path.join(home, '.local') };
  for (const key of Object.keys(environment)) if (/^(VSCODE_|npm_|JEST_|NODE_OPTIONS$|NODE_ENV$|PASSWORD$|PORT$)/.test(key)) delete environment[key];
  const directories = ['--user-data-dir', userData, '--server-data-dir', path.join(home, 'sd'), '--extensions-dir', extensions];
  for (const folder of extension.endsWith('.vsix') ? companions : [extension, ...companions]) {
    const manifest = JSON.parse(fs.readFileSync(path.join(folder, 'package.json'), 'utf8'));
    fs.symlinkSync(folder, path.join(extensions, `${manifest.publisher}.${manifest.name}-${manifest.version}`));
  }
  // after the links: the first installation lists the folders it finds, and only listed ones are loaded from then on
  if (extension.endsWith('.vsix')) {
    execFileSync(serverNode, [serverMain, '--accept-server-license-terms', ...directories, '--install-extension', extension], { cwd: home, env: environment, stdio: 'pipe' });
  }

  const usedPort = port ?? (await freePort());
  const origin = `http://127.0.0.1:${usedPort}/`;
  const logFile = path.join(home, 'server.log');
  const log = fs.openSync(logFile, 'w');
  const argv = [serverMain, '--host', '127.0.0.1', '--port', String(usedPort), '--without-connection-token', '--accept-server-license-terms', '--telemetry-level', 'off', ...directories];
  if (!trustPrompt) argv.push('--disable-workspace-trust');
  const server = spawn(serverNode, argv, { cwd: home, env: environment, stdio: ['ignore', log, log], detached: true });
  let failure = null;
  server.on('error', (error) => (failure = error));

  const hasEnded = () => failure !== null || server.exitCode !== null || server.signalCode !== null;
  const signalTree = (signal) => {
    try {
      process.kill(-server.pid, signal);
    } catch {
      // already gone
    }
  };
  const stop = async () => {
    signalTree('SIGTERM');
    for (const end = Date.now() + 5000; !hasEnded() && Date.now() < end; ) await sleep(50);
    signalTree('SIGKILL');
    fs.closeSync(log);
    fs.rmSync(home, { recursive: true, force: true, maxRetries: 5 });
  };

  for (const end = Date.now() + 60_000; !(await answers(`${origin}version`)); await sleep(100)) {
    if (!hasEnded() && Date.now() < end) continue;
    const tail = fs.readFileSync(logFile, 'utf8').slice(-3000);
    await stop();
    throw new Error(`VS Code's server did not start${failure ? `: ${failure.message}` : ''}\n${tail}`);
  }
  return { url: `${origin}?${new URLSearchParams({ folder: workspace })}`, home, logFile, stop };
}

module.exports = { startServer };
