import { invalidConfig } from './errors';

/** Reads keys of a config.json with checks; `where` begins every error. */
export class ConfigReader {
  constructor(readonly where: string, private readonly config: Readonly<Record<string, unknown>>) {}

  has(key: string): boolean {
    return this.config[key] !== undefined && this.config[key] !== null;
  }

  keys(): string[] {
    return Object.keys(this.config);
  }

  /** whether the key is there at all, be it null */
  mentions(key: string): boolean {
    return this.config[key] !== undefined;
  }

  count(key: string, fallback?: number): number {
    const value = this.has(key) ? this.config[key] : fallback;
    if (!Number.isInteger(value) || (value as number) < 1) throw invalidConfig(this.where, key, 'a whole number of at least 1', value);
    return value as number;
  }

  number(key: string, fallback?: number): number {
    const value = this.has(key) ? this.config[key] : fallback;
    if (typeof value !== 'number' || !Number.isFinite(value)) throw invalidConfig(this.where, key, 'a number', value);
    return value;
  }

  boolean(key: string, fallback: boolean): boolean {
    const value = this.has(key) ? this.config[key] : fallback;
    if (typeof value !== 'boolean') throw invalidConfig(this.where, key, 'true or false', value);
    return value;
  }

  text(key: string, fallback: string): string {
    const value = this.has(key) ? this.config[key] : fallback;
    if (typeof value !== 'string') throw invalidConfig(this.where, key, 'a text', value);
    return value;
  }

  object(key: string): ConfigReader | null {
    if (!this.has(key)) return null;
    const value = this.config[key];
    if (typeof value !== 'object' || Array.isArray(value)) throw invalidConfig(this.where, key, 'an object', value);
    return new ConfigReader(`${this.where}: ${key}`, value as Record<string, unknown>);
  }

  list(key: string): readonly unknown[] {
    const value = this.config[key] ?? [];
    if (!Array.isArray(value)) throw invalidConfig(this.where, key, 'a list', value);
    return value;
  }
}
