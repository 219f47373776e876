import { toAlpha3 } from './countries';
import { LARGEST, roundTo } from '../util/numbers';
import type { SessionRow } from '../session/types';

/** Settings for data that OCPI requires and sessions do not contain. */
export interface OcpiSettings {
	/** The two versions differ in the type Price only. */
	version: '2.2.1' | '2.3.0';
	/** Country and party of the operator, `DK` and `SPI` of `DK*SPI*E123`. Without them, the EVSE ID is used. */
	countryCode?: string;
	partyId?: string;
	/** Whether the parts of a price include VAT. */
	pricesIncludeVat: boolean;
	/** Whether the driver columns are neither masked nor hashed. Only then does the contract ID name the provider. */
	isDriverReadable: boolean;
	/** Whether an EVSE ID of another form, `DK.SPI.ZM0050*1`, is written in the form of eMI3: `DK*SPI*EZM0050*1`. */
	rewriteEvseIds?: boolean;
}

/** A CDR or a Session. Mandatory fields can be missing. */
export interface OcpiObject extends Record<string, unknown> {
	/** Paths of the mandatory fields that are missing, such as `cdr_location.coordinates`. */
	_missing: string[];
	/**
	 * The warnings of the row, and those of OCPI: `negative-left-out`, `evse-id-rewritten`, `optional-left-out`, `text-shortened`.
	 */
	_warnings: string[];
}

type Fields = Record<string, unknown>;

/**
 * Converts a session to OCPI: to a CDR if it has ended, otherwise to a Session. No value is invented: a mandatory field whose
 * value is unknown, or does not fit the type of the field, is left out and named in `_missing`.
 *
 * @param row With the address, commercial and driver columns.
 * @see OCPI 2.2.1-d2, mod_cdrs and mod_sessions; 2.3.0, types: Price.
 */
export function toOcpi(row: SessionRow, settings: OcpiSettings): OcpiObject {
	const missing: string[] = [];
	const need = (path: string, value: unknown) => {
		if (value === undefined) missing.push(path);
		return value;
	};
	const warnings = String(row.warnings ?? '')
		.split(';')
		.filter((code) => code !== '');
	const allowed = withoutNegatives(row, warnings);
	const object =
		row.status === 'ongoing' ? sessionOf(allowed, settings, need) : cdrOf(allowed, settings, need);
	if (settings.rewriteEvseIds && wasRewritten(object, row)) warnings.push('evse-id-rewritten');
	if (lacksOptional(object, allowed)) warnings.push('optional-left-out');
	if ('cdr_location' in object && isAnyShortened(row)) warnings.push('text-shortened');
	return { ...(omitUndefined(object) as Fields), _missing: missing, _warnings: warnings };
}

type Need = (path: string, value: unknown) => unknown;

/** The columns that OCPI allows no negative value in, by what has to be left out together. Only a credit CDR has negative costs. */
const NEVER_NEGATIVE = [
	['energyKwh'],
	['maxPowerKw'],
	['amountInclVat', 'amountExclVat'],
	['startFee'],
	['energyFee'],
	['durationSeconds'],
	['chargingSeconds'],
	['idleSeconds'],
];

function withoutNegatives(row: SessionRow, warnings: string[]): SessionRow {
	const isNegative = (name: string) => (number(row[name]) ?? 0) < 0;
	const left = NEVER_NEGATIVE.filter((names) => names.some(isNegative)).flat();
	if (left.length === 0) return row;
	warnings.push('negative-left-out');
	return { ...row, ...Object.fromEntries(left.map((name) => [name, null])) };
}

function wasRewritten({ cdr_location: location }: Fields, { evseId }: SessionRow): boolean {
	const written = (location as Fields | undefined)?.evse_id;
	return written !== undefined && written !== String(evseId).toUpperCase();
}

/** Whether the row has an optional value that OCPI cannot hold: an id that is too long, or a fee without the VAT rate. */
function lacksOptional(object: Fields, row: SessionRow): boolean {
	const [period] = (object.charging_periods ?? []) as Fields[];
	const isGiven = (name: string) => ![null, undefined, '', 0].includes(row[name] as null);
	const isLeftOut = (name: string, holder: Fields | undefined, field: string) =>
		isGiven(name) && holder !== undefined && field in holder && holder[field] === undefined;
	return (
		isLeftOut('externalSessionId', object, 'session_id') ||
		isLeftOut('tariffId', period, 'tariff_id') ||
		isLeftOut('startFee', object, 'total_fixed_cost') ||
		isLeftOut('energyFee', object, 'total_energy_cost')
	);
}

function isAnyShortened(row: SessionRow): boolean {
	return Object.entries(MAX_CHARACTERS).some(([name, most]) => charactersOf(row[name]).length > most);
}

function cdrOf(row: SessionRow, settings: OcpiSettings, need: Need): Fields {
	const price = priceOf(number(row.amountExclVat), number(row.amountInclVat), row, settings);
	const part = (value: SessionRow[string]) => partPrice(number(value), row, settings);
	return {
		...ownerOf(row, settings, need),
		// OCPI allows 36 characters for a CDR; the 39 of the field are for credit CDRs.
		id: need('id', code(row.sessionId, 36)),
		start_date_time: need('start_date_time', time(row.startedAt)),
		end_date_time: need('end_date_time', time(row.endedAt)),
		session_id: code(row.externalSessionId, 36),
		...tokenOf(row, settings, need),
		cdr_location: locationOf(row, settings, need),
		currency: need('currency', currency(row.currency)),
		charging_periods: need('charging_periods', periodsOf(row)),
		total_cost: needPrice(price, settings, need),
		total_fixed_cost: part(row.startFee),
		total_energy: need('total_energy', number(row.energyKwh)),
		total_energy_cost: part(row.energyFee),
		total_time: need('total_time', hours(row.durationSeconds)),
		total_parking_time: hours(row.idleSeconds),
		remark: text(row, 'stopReason'),
		last_updated: need('last_updated', time(row.updatedAt)),
	};
}

function sessionOf(row: SessionRow, settings: OcpiSettings, need: Need): Fields {
	const price = priceOf(number(row.amountExclVat), number(row.amountInclVat), row, settings);
	return {
		...ownerOf(row, settings, need),
		id: need('id', code(row.sessionId, 36)),
		start_date_time: need('start_date_time', time(row.startedAt)),
		kwh: need('kwh', number(row.energyKwh)),
		...tokenOf(row, settings, need),
		location_id: need('location_id', code(row.locationId, 36)),
		evse_uid: need('evse_uid', code(row.evseId, 36)),
		connector_id: need('connector_id', connectorIdOf(row)),
		currency: need('currency', currency(row.currency)),
		charging_periods: periodsOf(row),
		// Optional in a Session: an incomplete Price is left out.
		total_cost: price?.excl_vat === undefined && price?.before_taxes === undefined ? undefined : price,
		status: 'ACTIVE',
		last_updated: need('last_updated', time(row.updatedAt)),
	};
}

/** The operator from the settings, or else from the EVSE ID. */
function ownerOf(row: SessionRow, settings: OcpiSettings, need: Need): Fields {
	const evse = /^([A-Z]{2})([*.-]?)([A-Z0-9]{3})\2E?/i.exec(String(row.evseId ?? ''));
	const hasForm = evse !== null && (evse[2] !== '' || /^.{5}E/i.test(evse.input));
	// `EV-001-A` has the form of an EVSE ID, but EV is no country.
	const isTold = hasForm && toAlpha3(evse[1]) !== undefined;
	return {
		country_code: need('country_code', settings.countryCode ?? (isTold ? evse[1].toUpperCase() : undefined)),
		party_id: need('party_id', settings.partyId ?? (isTold ? evse[3].toUpperCase() : undefined)),
	};
}

/** The token and the method of authorization, which is derived from the type of the token. */
function tokenOf(row: SessionRow, { isDriverReadable }: OcpiSettings, need: Need): Fields {
	const uid = code(row.tokenUid, 36);
	const type = tokenType(row.tokenType);
	const contract = code(row.contractId, 36);
	const provider = isDriverReadable ? providerOf(String(contract ?? '')) : undefined;
	const token =
		uid === undefined && contract === undefined
			? undefined
			: {
					country_code: need('cdr_token.country_code', provider?.country),
					party_id: need('cdr_token.party_id', provider?.party),
					uid: need('cdr_token.uid', uid),
					type: need('cdr_token.type', type),
					contract_id: need('cdr_token.contract_id', contract),
				};
	const methods: Record<string, string> = { RFID: 'WHITELIST', AD_HOC_USER: 'COMMAND', APP_USER: 'COMMAND' };
	const method = methods[type ?? ''];
	return { cdr_token: need('cdr_token', token), auth_method: need('auth_method', method) };
}

/**
 * The forms of a contract ID: of ISO 15118 (`NL-TNM-C00122045-K`), and of DIN SPEC 91286 (`DE*8AA*123456*7`, `DE8AA1234567`). The
 * last character is a check digit, which may be absent. Without separators, only digits are read as the DIN form.
 */
const CONTRACTS = [
	/^(?<country>[A-Z]{2})-?(?<party>[A-Z0-9]{3})-?C[A-Z0-9]{8}(-?[A-Z0-9])?$/i,
	/^(?<country>[A-Z]{2})(?<mark>[*-])(?<party>[A-Z0-9]{3})\k<mark>[A-Z0-9]{6}(\k<mark>?[\dX])?$/i,
	/^(?<country>[A-Z]{2})(?<party>[A-Z0-9]{3})\d{6}[\dX]?$/i,
];

/** The provider of a contract: `DE` and `8AA` of `DE*8AA*123456*7`. */
function providerOf(contract: string): { country: string; party: string } | undefined {
	const upper = contract.toUpperCase();
	const found = CONTRACTS.map((form) => form.exec(upper)?.groups).find((groups) => groups !== undefined);
	if (found === undefined || toAlpha3(found.country) === undefined) return undefined;
	return { country: found.country, party: found.party };
}

/** OCPI's TokenType for a vendor's type of ID tag. */
function tokenType(given: SessionRow[string]): string | undefined {
	const kind = String(given ?? '').toLowerCase();
	if (/rfid|nfc|key|fob|tag/.test(kind)) return 'RFID';
	if (/credit|debit|payment|terminal|adhoc|ad_hoc|ad-hoc/.test(kind)) return 'AD_HOC_USER';
	if (/app|user|mobile/.test(kind)) return 'APP_USER';
	return kind === '' ? undefined : 'OTHER';
}

function locationOf(row: SessionRow, settings: OcpiSettings, need: Need): Fields {
	const at = (field: string, value: unknown) => need(`cdr_location.${field}`, value);
	return {
		id: at('id', code(row.locationId, 36)),
		name: text(row, 'locationName'),
		address: at('address', text(row, 'address')),
		city: at('city', text(row, 'city')),
		postal_code: text(row, 'postalCode'),
		country: at('country', toAlpha3(String(row.country ?? ''))),
		coordinates: at('coordinates', undefined),
		evse_uid: at('evse_uid', code(row.evseId, 36)),
		evse_id: at('evse_id', evseIdOf(row.evseId, settings)),
		connector_id: at('connector_id', connectorIdOf(row)),
		connector_standard: at('connector_standard', undefined),
		connector_format: at('connector_format', undefined),
		connector_power_type: at('connector_power_type', undefined),
	};
}

/**
 * An EVSE ID of eMI3, with or without separators: `DE*ABC*E1234*1`, `DEABCE1234`. The part behind the E has at most 30 characters,
 * which is what hubs check.
 */
const EVSE_ID = /^([A-Z]{2})\*?[A-Z0-9]{3}\*?E(?=.{1,30}$)[A-Z0-9]+(?:\*[A-Z0-9]+)*$/;

/** An EVSE ID in capitals; `undefined` if it is none of eMI3, also not after rewriting. */
function evseIdOf(given: SessionRow[string], { rewriteEvseIds }: OcpiSettings): string | undefined {
	const id = String(code(given, 48) ?? '').toUpperCase();
	const [, country, party, outlet] = /^([A-Z]{2})[*.-]([A-Z0-9]{3})[*.-](.+)$/.exec(id) ?? [];
	const rewritten = `${country}*${party}*${outlet?.startsWith('E') ? '' : 'E'}${outlet?.replace(/[.-]/g, '*')}`;
	const valid = [id, ...(rewriteEvseIds ? [rewritten] : [])].find((each) => EVSE_ID.test(each));
	return valid !== undefined && toAlpha3(valid.slice(0, 2)) !== undefined ? valid : undefined;
}

/**
 * The connector. A row takes it from the EVSE ID if the vendor gives none; then it has to stand behind the outlet:
 * `DK*SPI*E123*1` has connector 1, and `DK*SPI*E123` has none.
 */
function connectorIdOf({ connectorId, evseId }: SessionRow): string | undefined {
	const evse = String(evseId ?? '');
	const isDerived = connectorId !== null && evse.endsWith(`*${connectorId}`);
	const isBehindOutlet = /^[A-Z]{2}([*.-]?)[A-Z0-9]{3}\1[^*]+\*./i.test(evse);
	return isDerived && !isBehindOutlet ? undefined : code(connectorId, 36);
}

/** One period that begins with the session and has all known dimensions. */
function periodsOf(row: SessionRow): Fields[] | undefined {
	const dimensions = [
		{ type: 'ENERGY', volume: number(row.energyKwh) },
		{ type: 'MAX_POWER', volume: number(row.maxPowerKw) },
		{ type: 'PARKING_TIME', volume: hours(row.idleSeconds) },
		{ type: 'TIME', volume: hours(row.chargingSeconds) },
	].filter(({ volume }) => volume !== undefined);
	const startedAt = time(row.startedAt);
	if (startedAt === undefined || dimensions.length === 0) return undefined;
	return [{ start_date_time: startedAt, dimensions, tariff_id: code(row.tariffId, 36) }];
}

/** A Price. `needPrice` reports its missing fields. */
function priceOf(
	excl: number | undefined,
	incl: number | undefined,
	{ vatRatePct }: SessionRow,
	{ version }: OcpiSettings,
): Fields | undefined {
	if (version === '2.2.1') {
		return excl === undefined && incl === undefined ? undefined : { excl_vat: excl, incl_vat: incl };
	}
	if (excl === undefined) return undefined;
	if (incl === undefined) return { before_taxes: excl };
	const vat = { name: 'VAT', percentage: number(vatRatePct), amount: roundTo(incl - excl, 4) };
	return { before_taxes: excl, taxes: [vat] };
}

function needPrice(price: Fields | undefined, { version }: OcpiSettings, need: Need): unknown {
	if (price && version === '2.2.1') need('total_cost.excl_vat', price.excl_vat);
	return need('total_cost', price);
}

/** A part of the price with and without VAT, by the VAT rate of the session; `undefined` without a rate. */
function partPrice(value: number | undefined, row: SessionRow, settings: OcpiSettings): Fields | undefined {
	const rate = number(row.vatRatePct);
	if (value === undefined || rate === undefined || rate <= -100) return undefined;
	const factor = 1 + rate / 100;
	return settings.pricesIncludeVat
		? priceOf(roundTo(value / factor, 4), value, row, settings)
		: priceOf(value, roundTo(value * factor, 4), row, settings);
}

/** `CiString`: printable ASCII. An id that is too long gives `undefined`, because a cut id would be a different one. */
function code(value: SessionRow[string], longest: number): string | undefined {
	if (value === null || value === undefined) return undefined;
	const given = String(value);
	return given.length <= longest && /^[\x20-\x7e]+$/.test(given) ? given : undefined;
}

/** The most characters of the columns with text for people. */
const MAX_CHARACTERS = { locationName: 255, address: 45, city: 45, postalCode: 10, stopReason: 255 };

/** `string`: text for people. Text that is too long is cut. */
function text(row: SessionRow, column: keyof typeof MAX_CHARACTERS): string | undefined {
	return charactersOf(row[column]).slice(0, MAX_CHARACTERS[column]).join('') || undefined;
}

function charactersOf(value: SessionRow[string]): string[] {
	return typeof value === 'string' ? [...value.replace(/[\p{Cc}\p{Cs}\p{Zl}\p{Zp}]+/gu, ' ').trim()] : [];
}

/** `DateTime`, in the format of rows. Years of more than four digits are not allowed. */
function time(value: SessionRow[string]): string | undefined {
	if (typeof value !== 'string' || value.length > 25) return undefined;
	const moment = Date.parse(value);
	return !Number.isNaN(moment) && new Date(moment).toISOString() === value ? value : undefined;
}

/** ISO 4217. */
function currency(value: SessionRow[string]): string | undefined {
	return typeof value === 'string' && /^[A-Z]{3}$/.test(value) ? value : undefined;
}

function number(value: SessionRow[string]): number | undefined {
	return typeof value === 'number' && Math.abs(value) <= LARGEST ? roundTo(value, 4) : undefined;
}

function hours(seconds: SessionRow[string]): number | undefined {
	const known = number(seconds);
	return known === undefined ? undefined : roundTo(known / 3600, 4);
}

/** A copy without the fields that are `undefined`, at any depth. */
function omitUndefined(value: unknown): unknown {
	if (Array.isArray(value)) return value.map(omitUndefined);
	if (typeof value !== 'object' || value === null) return value;
	return Object.fromEntries(
		Object.entries(value)
			.filter(([, inner]) => inner !== undefined)
			.map(([name, inner]) => [name, omitUndefined(inner)]),
	);
}
