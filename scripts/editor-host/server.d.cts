export interface EditorServer {
  /** address of the workbench with the folder open */
  readonly url: string;
  readonly home: string;
  readonly logFile: string;
  stop(): Promise<void>;
}
export function startServer(options: { extension: string; companions?: readonly string[]; workspace: string; settings?: Record<string, unknown>; port?: number; trustPrompt?: boolean }): Promise<EditorServer>;
