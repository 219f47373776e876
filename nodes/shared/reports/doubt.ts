import { codesOf, doubtsIn, settingsMissingIn, WARNING_KINDS } from '../session/warnings';
import type { Cell } from '../session/types';

type Row = Record<string, Cell>;

/** Whether the energy or the time of a session is in doubt. */
export function isDoubtful({ warnings }: Row): boolean {
	return doubtsIn(warnings).length > 0;
}

/** Whether the vendor itself marks the session as not valid. */
export function isInvalid({ warnings }: Row): boolean {
	return codesOf(warnings, ['note']).includes('invalid-by-vendor');
}

/** Whether a session has codes other than those that a setting would cure. */
export function isWarned({ warnings }: Row): boolean {
	return String(warnings ?? '')
		.split(';')
		.some((code) => code !== '' && WARNING_KINDS[code as keyof typeof WARNING_KINDS] !== 'settings');
}

/** Whether a session has a code that a setting would cure. */
export function lacksSettings({ warnings }: Row): boolean {
	return settingsMissingIn(warnings).length > 0;
}

/** How often each of the codes comes: `other-site: 2; running: 1`. */
export function countsOf(codes: string[]): string {
	const counts = new Map<string, number>();
	for (const code of codes) counts.set(code, (counts.get(code) ?? 0) + 1);
	return [...counts]
		.sort(([one], [other]) => (one < other ? -1 : 1))
		.map(([code, count]) => `${code}: ${count}`)
		.join('; ');
}
