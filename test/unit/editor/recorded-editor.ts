/** What an extension asked of the editor while it was activated. */
export interface Recorded {
  /** handlers by command */
  readonly commands: Map<string, (...args: readonly unknown[]) => unknown>;
  readonly views: string[];
  readonly customEditors: string[];
  readonly panels: string[];
  readonly contextKeys: string[];
  readonly settings: string[];
}

/**
 * A `vscode` that stands for every object of the editor and records what is registered. Whatever else is asked of it gives
 * an object of the same kind, so that activation runs through without an editor.
 */
export function recordedEditor(): { readonly vscode: object; readonly recorded: Recorded } {
  const recorded: Recorded = { commands: new Map(), views: [], customEditors: [], panels: [], contextKeys: [], settings: [] };
  const note = (list: string[]) => (name: string): object => {
    list.push(name);
    return anything;
  };
  const anything: object = new Proxy(function () {}, {
    get: (_, key) => (key === 'then' ? undefined : key === Symbol.iterator ? [][Symbol.iterator].bind([]) : key === Symbol.toPrimitive ? () => '' : anything),
    set: () => true,
    apply: () => anything,
    construct: () => anything,
  });
  // inherited, because an import copies an object's own members and takes its prototype
  const withMembers = (members: object): object => Object.create(anything, Object.getOwnPropertyDescriptors(members)) as object;
  class EventEmitter<T> {
    private readonly listeners: ((event: T) => void)[] = [];
    readonly event = (listener: (event: T) => void): object => (this.listeners.push(listener), anything);
    fire(event: T): void {
      for (const listener of this.listeners) listener(event);
    }
    dispose(): void {
      this.listeners.length = 0;
    }
  }
  const vscode = withMembers({
    EventEmitter,
    l10n: withMembers({ bundle: undefined }), // English
    commands: withMembers({
      registerCommand: (command: string, handler: () => unknown) => {
        recorded.commands.set(command, handler);
        return anything;
      },
      executeCommand: async (command: string, key: string) => {
        if (command === 'setContext') recorded.contextKeys.push(key);
      },
    }),
    window: withMembers({
      createTreeView: note(recorded.views),
      registerWebviewViewProvider: note(recorded.views),
      registerCustomEditorProvider: note(recorded.customEditors),
      registerWebviewPanelSerializer: note(recorded.panels),
    }),
    workspace: withMembers({
      findFiles: async () => [],
      textDocuments: [],
      workspaceFolders: [],
      getConfiguration: (section: string) => ({
        get: (name: string, value: unknown) => {
          recorded.settings.push(`${section}.${name}`);
          return value;
        },
      }),
    }),
  });
  return { vscode, recorded };
}
