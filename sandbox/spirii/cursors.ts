import type { Position } from '../pages';

/** `dated` is printed for transactions (`2000-01-01T00:00:00.000Z-123456`); charge records print no form. */
export type CursorForm = 'dated' | 'opaque';

/** A position and how many zeros stand before the id: they change the text of a cursor, not its place. */
export interface Cursor extends Position {
	zeros: number;
}

/** The cursor behind (or before) the record at that position. Nothing is kept: the text says it all. */
export function cursorOf(form: CursorForm, { key, id, zeros = 0 }: Position & { zeros?: number }): string {
	const paddedId = '0'.repeat(zeros) + String(id);
	if (form === 'dated') return `${new Date(key).toISOString()}-${paddedId}`;
	return Buffer.from(`${key}:${paddedId}`).toString('base64url');
}

/** The inverse of `cursorOf`, `undefined` for anything else. */
export function readCursor(form: CursorForm, text: string): Cursor | undefined {
	const plain = form === 'dated' ? text : Buffer.from(text, 'base64url').toString();
	const parts = form === 'dated' ? /^(\d{4}-.*Z)-(\d+)$/.exec(plain) : /^(-?[\d.]+):(\d+)$/.exec(plain);
	if (!parts) return undefined;
	const [, key, id] = parts;
	const value = form === 'dated' ? Date.parse(key) : Number(key);
	return Number.isNaN(value)
		? undefined
		: { key: value, id: Number(id), zeros: id.length - String(Number(id)).length };
}

/**
 * The cursor of an empty page: it leads to where the page would have begun, so nothing is skipped, and differs from the
 * cursor that asked for the page, so it is no repeated one.
 *
 * @param asked The cursor of the request.
 * @param begin The record with which the page would have begun.
 * @param descends Whether the walk goes towards smaller keys.
 */
export function emptyPageCursor(
	form: CursorForm,
	asked: Cursor | undefined,
	begin: Position,
	descends: boolean,
): string {
	if (asked) return cursorOf(form, { ...asked, zeros: asked.zeros + 1 });
	return cursorOf(form, { key: begin.key, id: begin.id + (descends ? 1 : -1) });
}
