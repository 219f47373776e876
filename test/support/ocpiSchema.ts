import Ajv, { type SchemaObject } from 'ajv';
import addFormats from 'ajv-formats';

import foreignSchema from './ocpiSchema221/schema.json';

export type Version = '2.2.1' | '2.3.0';

/** As the tables have it: once, once or not, any number, at least one. */
type Cardinality = '1' | '?' | '*' | '+';

type Field = [name: string, type: SchemaObject, cardinality: Cardinality];

function classOf(...fields: Field[]): SchemaObject {
	const listOf = (items: SchemaObject, cardinality: Cardinality): SchemaObject =>
		cardinality === '*' || cardinality === '+'
			? { type: 'array', items, minItems: cardinality === '+' ? 1 : 0 }
			: items;
	const isMandatory = (cardinality: Cardinality) => cardinality === '1' || cardinality === '+';
	return {
		type: 'object',
		additionalProperties: false,
		required: fields.filter(([, , cardinality]) => isMandatory(cardinality)).map(([name]) => name),
		properties: Object.fromEntries(
			fields.map(([name, type, cardinality]) => [name, listOf(type, cardinality)]),
		),
	};
}

const enumOf = (...values: string[]): SchemaObject => ({ type: 'string', enum: values });

/** Printable ASCII. An empty one says nothing. */
const ciString = (maxLength: number): SchemaObject => ({
	type: 'string',
	maxLength,
	pattern: '^[\\x20-\\x7e]+$',
});

/** Printable UTF-8: no control characters, no line breaks of Unicode, no halves of characters. */
const string = (maxLength: number): SchemaObject => ({
	type: 'string',
	maxLength,
	pattern: '^[^\\p{Cc}\\p{Cs}\\p{Zl}\\p{Zp}]+$',
});

/** As many decimals as OCPI has. */
const number: SchemaObject = { type: 'number', format: 'four-decimals' };
const boolean: SchemaObject = { type: 'boolean' };

/** RFC 3339, in UTC: with a Z or with nothing, as in the examples of the specification. */
const dateTime: SchemaObject = {
	type: 'string',
	maxLength: 25,
	format: 'iso-date-time',
	pattern: '^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d(\\.\\d+)?Z?$',
};

const countryCode: SchemaObject = { ...ciString(2), pattern: '^[A-Z]{2}$' };
const partyId: SchemaObject = { ...ciString(3), pattern: '^[A-Z0-9]{3}$' };
/** ISO 4217, and ISO 3166-1 alpha-3. */
const threeLetters: SchemaObject = { ...string(3), pattern: '^[A-Z]{3}$' };

const authMethod = enumOf('AUTH_REQUEST', 'COMMAND', 'WHITELIST');
const sessionStatus = enumOf('ACTIVE', 'COMPLETED', 'INVALID', 'PENDING', 'RESERVATION');
const connectorFormat = enumOf('SOCKET', 'CABLE');
const powerType = enumOf('AC_1_PHASE', 'AC_2_PHASE', 'AC_2_PHASE_SPLIT', 'AC_3_PHASE', 'DC');

const DIMENSIONS = [
	...['ENERGY', 'MAX_CURRENT', 'MIN_CURRENT', 'MAX_POWER', 'MIN_POWER'],
	...['PARKING_TIME', 'RESERVATION_TIME', 'TIME'],
];
const SESSION_DIMENSIONS = ['CURRENT', 'ENERGY_EXPORT', 'ENERGY_IMPORT', 'POWER', 'STATE_OF_CHARGE'];

const CONNECTORS = [
	...['CHADEMO', 'CHAOJI', 'GBT_AC', 'GBT_DC', 'PANTOGRAPH_BOTTOM_UP', 'PANTOGRAPH_TOP_DOWN'],
	...[...'ABCDEFGHIJKLMNO'].map((letter) => `DOMESTIC_${letter}`),
	...['single_16', 'three_16', 'three_32', 'three_64'].map((kind) => `IEC_60309_2_${kind}`),
	...['T1', 'T1_COMBO', 'T2', 'T2_COMBO', 'T3A', 'T3C'].map((kind) => `IEC_62196_${kind}`),
	...['5_20', '6_30', '6_50', '10_30', '10_50', '14_30', '14_50'].map((kind) => `NEMA_${kind}`),
	...['TESLA_R', 'TESLA_S'],
];

const geoLocation = classOf(
	['latitude', { ...string(10), pattern: '^-?[0-9]{1,2}\\.[0-9]{5,7}$' }, '1'],
	['longitude', { ...string(11), pattern: '^-?[0-9]{1,3}\\.[0-9]{5,7}$' }, '1'],
);

/** What the nodes add to each object, beside OCPI. */
const NOTES: Field[] = [
	['_missing', { type: 'string' }, '*'],
	['_warnings', { type: 'string' }, '*'],
];

/**
 * CDR and Session as JSON Schema (draft-07), written from the field tables of the specification: 2.2.1-d2 and 2.3.0 edition 2,
 * mod_cdrs, mod_sessions, mod_tokens, mod_locations and types. One line here is one line there.
 *
 * `tariffs` is not described, and so not allowed: Tariff has a module of its own, and no source gives one.
 */
function schemasOf(version: Version): { cdr: SchemaObject; session: SchemaObject } {
	const isNew = version === '2.3.0';

	const price = isNew
		? classOf(
				['before_taxes', number, '1'],
				[
					'taxes',
					classOf(
						['name', string(255), '1'],
						['account_number', string(255), '?'],
						['percentage', number, '?'],
						['amount', number, '1'],
					),
					'*',
				],
			)
		: classOf(['excl_vat', number, '1'], ['incl_vat', number, '?']);

	const cdrToken = classOf(
		['country_code', countryCode, '1'],
		['party_id', partyId, '1'],
		['uid', ciString(36), '1'],
		['type', enumOf('AD_HOC_USER', 'APP_USER', 'OTHER', 'RFID', ...(isNew ? ['EMAID'] : [])), '1'],
		['contract_id', ciString(36), '1'],
	);

	const cdrLocation = classOf(
		['id', ciString(36), '1'],
		['name', string(255), '?'],
		['address', string(45), '1'],
		['city', string(45), '1'],
		['postal_code', string(10), '?'],
		['state', string(20), '?'],
		['country', threeLetters, '1'],
		['coordinates', geoLocation, '1'],
		['evse_uid', ciString(36), '1'],
		['evse_id', ciString(48), '1'],
		['connector_id', ciString(36), '1'],
		['connector_standard', enumOf(...CONNECTORS, ...(isNew ? ['MCS', 'SAE_J3400'] : [])), '1'],
		['connector_format', connectorFormat, '1'],
		['connector_power_type', powerType, '1'],
	);

	const chargingPeriod = (dimensions: string[]) =>
		classOf(
			['start_date_time', dateTime, '1'],
			['dimensions', classOf(['type', enumOf(...dimensions), '1'], ['volume', number, '1']), '+'],
			['tariff_id', ciString(36), '?'],
		);

	const signedData = classOf(
		['encoding_method', ciString(36), '1'],
		['encoding_method_version', { type: 'integer' }, '?'],
		['public_key', string(512), '?'],
		[
			'signed_values',
			classOf(
				['nature', ciString(32), '1'],
				['plain_data', string(isNew ? 5000 : 512), '1'],
				['signed_data', string(5000), '1'],
			),
			'+',
		],
		['url', string(512), '?'],
	);

	const cdr = classOf(
		['country_code', countryCode, '1'],
		['party_id', partyId, '1'],
		['id', ciString(39), '1'],
		['start_date_time', dateTime, '1'],
		['end_date_time', dateTime, '1'],
		['session_id', ciString(36), '?'],
		['cdr_token', cdrToken, '1'],
		['auth_method', authMethod, '1'],
		['authorization_reference', ciString(36), '?'],
		['cdr_location', cdrLocation, '1'],
		['meter_id', string(255), '?'],
		['currency', threeLetters, '1'],
		['charging_periods', chargingPeriod(DIMENSIONS), '+'],
		['signed_data', signedData, '?'],
		['total_cost', price, '1'],
		['total_fixed_cost', price, '?'],
		['total_energy', number, '1'],
		['total_energy_cost', price, '?'],
		['total_time', number, '1'],
		['total_time_cost', price, '?'],
		['total_parking_time', number, '?'],
		['total_parking_cost', price, '?'],
		['total_reservation_cost', price, '?'],
		['remark', string(255), '?'],
		['invoice_reference_id', ciString(39), '?'],
		['credit', boolean, '?'],
		['credit_reference_id', ciString(39), '?'],
		['home_charging_compensation', boolean, '?'],
		['last_updated', dateTime, '1'],
		...NOTES,
	);

	const session = classOf(
		['country_code', countryCode, '1'],
		['party_id', partyId, '1'],
		['id', ciString(36), '1'],
		['start_date_time', dateTime, '1'],
		['end_date_time', dateTime, '?'],
		['kwh', number, '1'],
		['cdr_token', cdrToken, '1'],
		['auth_method', authMethod, '1'],
		['authorization_reference', ciString(36), '?'],
		['location_id', ciString(36), '1'],
		['evse_uid', ciString(36), '1'],
		['connector_id', ciString(36), '1'],
		['meter_id', string(255), '?'],
		['currency', threeLetters, '1'],
		['charging_periods', chargingPeriod([...DIMENSIONS, ...SESSION_DIMENSIONS]), '*'],
		['total_cost', price, '?'],
		['status', sessionStatus, '1'],
		['last_updated', dateTime, '1'],
		...NOTES,
	);

	return {
		cdr: {
			...cdr,
			// "Normal (non-credit) CDRs SHALL only have an ID with a maximum length of 36."
			if: { type: 'object', properties: { credit: { const: true } }, required: ['credit'] },
			then: { type: 'object', required: ['credit_reference_id'] },
			else: { type: 'object', properties: { id: { type: 'string', maxLength: 36 } } },
		},
		session,
	};
}

const ajv = addFormats(new Ajv({ allErrors: true, strict: true, strictRequired: false }));
ajv.addFormat('four-decimals', {
	type: 'number',
	validate: (value: number) => /^-?\d+(\.\d{1,4})?$|e\+/.test(String(value)),
});

function validatorsOf(version: Version) {
	const { cdr, session } = schemasOf(version);
	return { cdr: ajv.compile(cdr), session: ajv.compile(session) };
}

const validators = { '2.2.1': validatorsOf('2.2.1'), '2.3.0': validatorsOf('2.3.0') };

/** What the specification says to an object. */
export interface Findings {
	/** Paths of mandatory fields that are absent, `cdr_location.coordinates`, sorted. */
	missing: string[];
	/** Everything else that is not as it should be, with its value. */
	wrong: string[];
}

/** Holds an object, as it arrives in JSON, against the schema. */
export function findingsOf(object: object, kind: 'cdr' | 'session', version: Version): Findings {
	const arrived = JSON.parse(JSON.stringify(object)) as object;
	const validate = validators[version][kind];
	validate(arrived);
	const errors = validate.errors ?? [];
	const isGap = ({ keyword }: (typeof errors)[number]) => keyword === 'required';
	return {
		missing: errors
			.filter(isGap)
			.map(({ instancePath, params }) =>
				[...instancePath.split('/').slice(1), params.missingProperty as string].join('.'),
			)
			.sort(),
		wrong: errors
			.filter((error) => !isGap(error))
			.map(({ instancePath, message, params }) => `${instancePath} ${message} ${JSON.stringify(params)}`),
	};
}

/** CDR and Session of OCPI 2.2.1 as others have written them; see the source in the file. */
const foreign = {
	cdr: ajv.compile({ ...foreignSchema.cdr, additionalProperties: true }),
	session: ajv.compile({ ...foreignSchema.session, additionalProperties: true }),
};

/** What that schema finds, but for the paths that the object itself names in `_missing`. */
export function foreignFindingsOf(object: { _missing: string[] }, kind: 'cdr' | 'session'): string[] {
	const validate = foreign[kind];
	validate(JSON.parse(JSON.stringify(object)));
	const findings = (validate.errors ?? []).map(({ instancePath, message, params }) => {
		const path = [...instancePath.split('/').slice(1), params.missingProperty as string | undefined];
		return { path: path.filter((part) => part !== undefined).join('.'), message };
	});
	return findings
		.filter(({ path }) => !object._missing.includes(path))
		.map(({ path, message }) => `${path} ${message}`);
}
