export function installEditorHost(): void;
export function whyUnsupported(): string | null;
