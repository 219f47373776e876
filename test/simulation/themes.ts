import type { NaiveRule } from './contrast';
import type { SourceName } from './records';

/** One kind of disorder, which a world of its theme has besides some ordinary disorder. */
export interface Theme {
	/** What happens there, for a person. */
	about: string;
	/** The sources that can have it; all where it is not set. */
	sources?: SourceName[];
	/** The rule of simple pollers that loses or repeats sessions there, see `contrast.ts`. */
	naive: NaiveRule;
}

/** All themes by name. Their order decides which seed has which theme, so new ones are added at the end. */
export const THEMES = {
	deadClock: { about: 'chargers whose clocks are days to decades off', naive: 'new is told by age' },
	lateUpload: { about: 'sessions first shown 5 to 20 days after their end', naive: 'new is told by age' },
	reopened: { about: 'sessions that run again, days to weeks after their end', naive: 'forget by age' },
	movedEnd: { about: 'ends that are corrected, days to weeks later', naive: 'forget by age' },
	ids: { about: 'ids that are texts, or numbers in no order', naive: 'new has a higher id' },
	ties: {
		about: 'hundreds with one time, in another order each time',
		naive: 'go on behind the last record',
	},
	shortPages: {
		about: 'pages shorter than asked for, and empty ones',
		naive: 'a short page is the last',
		sources: ['chargeRecord', 'transaction'],
	},
	serverDate: {
		about: 'a Date that is absent, hours off, or 400 days ahead once',
		naive: 'begin at the Date',
	},
	machineClock: { about: "a machine's clock that is hours to weeks off", naive: 'ask from the own clock on' },
	refusedCursor: {
		about: 'stored cursors refused, with any status',
		naive: 'stop at a refused cursor',
		sources: ['chargeRecord', 'transaction'],
	},
	newFields: { about: 'new fields in all records, lists in another order', naive: 'compare all fields' },
	removedCharger: {
		about: 'chargers that are removed and added',
		naive: 'stop at a removed charger',
		sources: ['voltTime'],
	},
	manyRunning: { about: 'thousands of sessions that run at once', naive: 'follow the newest hundred' },
	noId: { about: 'records without an id', naive: 'stop at a record without id' },
	ignoredParameters: {
		about: 'answers that ignore all parameters for hours or days',
		naive: 'an answer is whole',
		sources: ['voltTime'],
	},
	manyTouched: {
		about: 'more sessions written anew than the state holds',
		naive: 'forget the oldest beyond a number',
		sources: ['transaction', 'chargeRecord'],
	},
} as const satisfies Record<string, Theme>;

export type ThemeName = keyof typeof THEMES;

export const THEME_NAMES = Object.keys(THEMES) as ThemeName[];

/** Seeds of a block: ordinary worlds and worlds of themes take turns, block by block. */
export const BLOCK = 200;
/** Worlds with more sessions than the state holds take longest, so there are few of them. */
const HEAVY: ThemeName = 'manyTouched';
const HEAVY_EVERY = 100;
const LIGHT = THEME_NAMES.filter((name) => name !== HEAVY);

/**
 * The theme of a seed, and which world of the theme it is, counted from 0.
 *
 * @returns `undefined` for an ordinary world.
 */
export function themeOf(seed: number): { name: ThemeName; turn: number } | undefined {
	if (Math.floor(seed / BLOCK) % 2 === 0) return undefined;
	const place = Math.floor(seed / (2 * BLOCK)) * BLOCK + (seed % BLOCK);
	const heavy = Math.floor(place / HEAVY_EVERY);
	if (place % HEAVY_EVERY === HEAVY_EVERY - 1) return { name: HEAVY, turn: heavy };
	const light = place - heavy;
	return { name: LIGHT[light % LIGHT.length], turn: Math.floor(light / LIGHT.length) };
}
