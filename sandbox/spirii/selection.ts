import type { Values } from '../contract';
import { isIn, updatedAt, type UpdatedAt } from './records';
import { OWN_COMPANY } from './places';
import type { Session } from './session';
import { readFilter } from './filter';
import type { SpiriiSwitches } from './request';

type Test = (session: Session) => boolean;
type FilterDates = SpiriiSwitches['filterDates'];

/**
 * Which sessions `GET /v2/charge-records` gives for its parameters.
 *
 * @throws FilterError for a filter that is not allowed.
 */
export function chargeRecordTest(values: Values, meaning: UpdatedAt, filterDates: FilterDates): Test {
	const tests: Test[] = [(session) => isIn('chargeRecords', session)];
	// "All records on your chargers" or "by your drivers": a session of your driver at your charger is both.
	const other = values.mode === 'emp' ? 'cpo' : 'emp';
	tests.push((session) => session.roaming !== other);
	if (values.ongoing !== 1) tests.push((session) => session.endedAt !== null);
	if (values.includeChildCompanyRecords !== 1) tests.push((session) => session.company.id === OWN_COMPANY.id);
	if (values.priority !== undefined) tests.push((session) => session.isPriority === (values.priority === 1));
	const from = time(values.updatedAtFrom);
	const to = time(values.updatedAtTo);
	if (from !== undefined) tests.push((session) => updatedAt(session, meaning) >= from);
	if (to !== undefined) tests.push((session) => updatedAt(session, meaning) < to);
	if (values.filter !== undefined) {
		const test = readFilter(values.filter as string, meaning, filterDates !== 'neverMatch');
		if (filterDates !== 'ignored') tests.push(test);
	}
	return all(tests);
}

/** Which sessions `GET /v2/transactions` gives for the parameters that were set. */
export function transactionTest(given: Values, meaning: UpdatedAt, maxBounds: MaxBounds): Test {
	const tests: Test[] = [
		(session) => isIn('transactions', session),
		...commonTests(given, meaning, maxBounds),
	];
	const { locationType, transactionType, evseId, chargeBoxId } = given;
	if (locationType !== undefined) tests.push(({ site }) => site.type === locationType);
	if (transactionType !== undefined)
		tests.push((session) => TRANSACTION_TYPES[transactionType as string](session));
	if (evseId !== undefined) tests.push((session) => session.evseId === evseId);
	if (chargeBoxId !== undefined) tests.push((session) => session.chargeBoxId === chargeBoxId);
	// False is the default and takes nothing away.
	if (given.ongoing === true) tests.push((session) => session.endedAt === null);
	if (given.priority !== undefined) tests.push((session) => session.isPriority === (given.priority === 1));
	return all(tests);
}

/** Which sessions `GET /v1/charge-records` gives for the parameters that were set. */
export function legacyTest(given: Values, meaning: UpdatedAt, maxBounds: MaxBounds): Test {
	const isEnded: Test = (session) => isIn('legacyChargeRecords', session) && session.endedAt !== null;
	return all([isEnded, ...commonTests(given, meaning, maxBounds)]);
}

/** Whether `...Max` includes the moment itself. */
export type MaxBounds = 'inclusive' | 'exclusive';

/** The bounds that the parameters set for one time (`startedAt`, `updatedAt` or `endedAt`): from, and before. */
export function boundsOf(
	name: string,
	given: Values,
	maxBounds: MaxBounds,
): { from?: number; before?: number } {
	const max = time(given[`${name}Max`]);
	return { from: time(given[name]), before: max === undefined || maxBounds === 'exclusive' ? max : max + 1 };
}

const TRANSACTION_TYPES: Record<string, Test> = {
	roamingEmp: ({ roaming }) => roaming === 'emp',
	roamingCpo: ({ roaming }) => roaming === 'cpo',
	roaming: ({ roaming }) => roaming !== null,
	nonRoaming: ({ roaming }) => roaming === null,
};

/** Filters that v1 and v2 transactions share. */
function commonTests(given: Values, meaning: UpdatedAt, maxBounds: MaxBounds): Test[] {
	const tests: Test[] = [];
	const times: Record<string, (session: Session) => number | null> = {
		startedAt: (session) => session.startedAt,
		updatedAt: (session) => updatedAt(session, meaning),
		endedAt: (session) => session.endedAt,
	};
	for (const [name, read] of Object.entries(times)) {
		const { from, before } = boundsOf(name, given, maxBounds);
		if (from === undefined && before === undefined) continue;
		tests.push((session) => {
			const at = read(session);
			return at !== null && at >= (from ?? -Infinity) && at < (before ?? Infinity);
		});
	}
	const { locationId, voucherId, appUserId, idTagUid } = given;
	if (locationId !== undefined) tests.push(({ site }) => site.id === locationId);
	if (voucherId !== undefined) tests.push(({ voucher }) => voucher?.id === voucherId);
	if (appUserId !== undefined) tests.push(({ tag }) => tag.appUserId === appUserId);
	if (idTagUid !== undefined) tests.push(({ tag }) => tag.uid === idTagUid);
	return tests;
}

function all(tests: Test[]): Test {
	return (session) => tests.every((test) => test(session));
}

function time(text: unknown): number | undefined {
	return typeof text === 'string' ? Date.parse(text) : undefined;
}
