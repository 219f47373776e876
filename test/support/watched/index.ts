import { vendorNames, type VendorName } from '../../../sandbox';
import type { TestBed } from '../sandbox';
import { activate } from '../trigger';
import { vendorClasses } from '../vendors';
import type { TriggerCase, WatchedList } from './case';
import { legacyLists, plugchoiceLists } from './voltTime';

export * from './case';

type Lists<Name extends VendorName> = (typeof vendorClasses)[Name]['lists'];

/** A list that triggers can watch, by the name that tests call it. */
export type WatchedName = { [Name in VendorName]: keyof Lists<Name> }[VendorName];

/** The lists of one vendor that triggers can watch. */
export function watchedNames<Name extends VendorName>(vendor: Name): Array<keyof Lists<Name>> {
	return Object.keys(vendorClasses[vendor].lists) as Array<keyof Lists<Name>>;
}

export const SPIRII = watchedNames('spirii');
export const VOLT_TIME = Object.keys(legacyLists) as Array<keyof typeof legacyLists>;
export const PLUGCHOICE = Object.keys(plugchoiceLists) as Array<keyof typeof plugchoiceLists>;
export const ALL_WATCHED: WatchedName[] = vendorNames.flatMap((name) => watchedNames(name));

/** All lists that triggers can watch. */
export function watchedIn(house: TestBed): Record<WatchedName, TriggerCase> {
	const cases = vendorNames.flatMap((vendor) =>
		Object.entries<(house: TestBed) => WatchedList>(vendorClasses[vendor].lists).map(
			([name, listIn]) => [name, caseOf(house, vendor, listIn(house))] as const,
		),
	);
	return Object.fromEntries(cases) as Record<WatchedName, TriggerCase>;
}

function caseOf(house: TestBed, vendor: VendorName, { parametersOf, ...list }: WatchedList): TriggerCase {
	return {
		...list,
		vendor,
		get parameters() {
			return parametersOf();
		},
		activate: (parameters, more) =>
			activate({
				node: new vendorClasses[vendor].Trigger(),
				parameters: { output: 'raw', ...parametersOf(), ...parameters },
				credentials: house.credentials(),
				...more,
			}),
	};
}
