import { flagIn, masker, idOf, momentOf, orWarn, rowHashOf, textOf, type Moment } from './cells';
import { columnNames } from './columns';
import type { SessionFields, MeterUnit, RecordKind, JsonRecord } from './fields';
import { localDate } from './localDate';
import { completeMoney } from './money';
import { energyDoubts, isMismatch, maxPowerKwOf } from './plausibility';
import { DAY_MS, hasEnded, HOUR_MS, MAX_SESSION_MS } from './times';
import { bounded, readDecimal, roundTo } from '../util/numbers';
import { isDuration, meterUnitOf, unitsOf, type PageUnits } from './units';
import { WARNING_KINDS, type Warning } from './warnings';
import type { RowSettings, Group, SessionRow } from './types';

/**
 * Makes the function that turns a page of records into rows. They are not compared with each other: see `markOverlaps`.
 *
 * The fields of a record are read twice rather than kept for a whole page: V8 takes what is kept as long-lived, and an export then
 * needs more memory. docs/performance.md has how much.
 */
export function rowWriter(kind: RecordKind, settings: RowSettings): (page: object[]) => SessionRow[] {
	const read = (record: object) => kind.read(record as JsonRecord);
	return (page) => {
		const units = unitsOf(page, read, kind.meterUnit);
		return page.map((record) => toRow(read(record), kind, units, settings));
	};
}

/**
 * Makes the row of one session: every column, in the order of `columns.ts`, `null` where the record has no value.
 *
 * No value is invented. A doubtful value has a code in `warnings`. See `docs/fields.md`.
 */
export function toRow(
	fields: SessionFields,
	kind: RecordKind,
	units: PageUnits,
	settings: RowSettings,
): SessionRow {
	const warnings = new Set<Warning>();
	if (kind.source === null) warnings.add('record-unknown');
	const id = idOf(fields.id, warnings);
	if (id === null && !warnings.has('id-inexact')) warnings.add('id-missing');

	const startedAt = momentOf(fields.startedAt, warnings);
	const endedAt = momentOf(fields.endedAt, warnings);
	const isOver = hasEnded(fields);
	const nowMs = settings.now?.();
	const times = timesOf(startedAt, endedAt, nowMs, warnings);
	const durations = durationsOf(fields, times.elapsedMs, units, warnings);

	const energy = energyOf(fields, kind, units, warnings);
	const loose = amountOf(fields.amount, warnings);
	const incl = amountOf(fields.amountInclVat, warnings) ?? (settings.pricesIncludeVat ? loose : null);
	const excl = amountOf(fields.amountExclVat, warnings) ?? (settings.pricesIncludeVat ? null : loose);
	const hasAmount = incl !== null || excl !== null;
	const currency = currencyOf(fields.currency, hasAmount ? settings.currency : undefined, warnings);
	if (hasAmount && currency === null && fields.currency === undefined) warnings.add('no-currency');
	// An amount that could not be read is not calculated from the other one.
	const isRead = (incl !== null && excl !== null) || !warnings.has('amount-unreadable');
	const vat = amountOf(fields.vat, warnings);
	const money = isRead
		? completeMoney(incl, excl, vat, settings.vatRatePct, currency)
		: completeMoney(incl, excl, null, undefined, currency);
	if (money.isVatMismatch) warnings.add('vat-mismatch');
	if (hasAmount && money.vatAmount === null) warnings.add('no-vat');
	const isUnpriced = kind.isZeroUnpriced && loose === 0 && (energy.energyKwh ?? 0) > 0;
	if (isUnpriced) warnings.add('no-tariff');

	const ending = times.isEndRight ? endedAt : null;
	const starting = times.isStartRight ? startedAt : null;
	// A session with a wrong end belongs to the day of its start, and one with a wrong start to the day of its end.
	const isByStart = settings.billBy === 'end' ? isOver && ending === null : starting !== null;
	const billed = isByStart ? starting : settings.billBy === 'start' && !fields.startedAt ? null : ending;
	if (isOver && fields.endedAt === undefined) warnings.add('end-unknown');
	const day = billed === null ? null : dayOf(billed.time, fields.timezone, settings.timezone, warnings);

	if (flagIn(fields.isValid, warnings) === false) warnings.add('invalid-by-vendor');
	const { priceWarning } = fields;
	if (hasAmount && typeof priceWarning === 'string' && Object.hasOwn(WARNING_KINDS, priceWarning))
		warnings.add(priceWarning as Warning);

	const isKnown = kind.source !== null;
	const status = !isKnown ? null : isOver ? 'completed' : 'ongoing';
	const evseId = idOf(fields.evseId, warnings);
	// The energy of a session without a usable end can have flowed until now.
	const untilMs = times.elapsedMs ?? (starting && nowMs !== undefined ? nowMs - starting.time : null);
	if (!isOver && (untilMs ?? 0) > MAX_SESSION_MS) warnings.add('time-implausible');
	const hours = untilMs === null || untilMs < 0 ? null : untilMs / HOUR_MS;
	const maxPowerKw = maxPowerKwOf(numberIn(fields.maxPower, warnings), energy.energyKwh, hours);
	for (const doubt of energyDoubts({ ...energy, maxPowerKw, hours })) warnings.add(doubt);
	// Column by column, since spreading objects into each other is slow.
	const row: SessionRow = {
		startedAt: startedAt?.iso ?? null,
		endedAt: endedAt?.iso ?? null,
		energyKwh: bounded(energy.energyKwh),
		amountInclVat: bounded(money.amountInclVat),
		currency,
		locationName: textOf(fields.locationName),
		evseId,
		customerCompanyName: textOf(fields.customerCompanyName),
		status,
		warnings: null,
		localDate: day,
		billingMonth: day && day.slice(0, 7),
		durationSeconds: durations.durationSeconds,
		amountExclVat: bounded(money.amountExclVat),
		vatAmount: bounded(money.vatAmount),
		vatRatePct: money.vatRatePct,
		pricePerKwh: bounded(
			pricePerKwh(fields, kind, settings, money.amountInclVat, energy.energyKwh, warnings),
		),
		tariffName: textOf(fields.tariffName),
		companyName: textOf(fields.companyName),
		costCenter: idOf(fields.costCenter, warnings),
		city: textOf(fields.city),
		country: textOf(fields.country)?.toUpperCase() ?? null,
		chargerName: textOf(fields.chargerName),
		chargingSeconds: bounded(durations.chargingSeconds),
		idleSeconds: bounded(durations.idleSeconds),
		stopReason: textOf(fields.stopReason) ?? (fields.remotelyStoppedAt === undefined ? null : 'Remote'),
		meterStartKwh: energy.meterStartKwh,
		meterStopKwh: energy.meterStopKwh,
		maxPowerKw,
		isRoaming: flagIn(fields.isRoaming, warnings),
		updatedAt: momentOf(fields.updatedAt, warnings)?.iso ?? null,
		locationId: idOf(fields.locationId, warnings),
		chargerId: idOf(fields.chargerId, warnings),
		connectorId: idOf(fields.connectorId, warnings) ?? (evseId === null ? null : connectorIn(evseId)),
		chargerUuid: textOf(fields.chargerUuid),
		sessionId: id,
		sessionKey: id === null || !isKnown ? null : `${kind.source}:${id}`,
	};
	for (const group of settings.groups) Object.assign(row, GROUPS[group](fields, settings, warnings, kind));
	if (warnings.size > 0) row.warnings = [...warnings].sort().join(';');
	// Its columns are written in their order above. A copy, since the object above would be taken as long-lived: see `rowWriter`.
	if (settings.groups.length === 0) return { ...row };
	// The columns are there from the start: adding them one by one takes longer.
	const ordered = emptyRow(settings.groups);
	for (const name of columnNames(settings.groups)) {
		// The fingerprint covers the whole row, so it comes last.
		ordered[name] = name === 'rowHash' ? rowHashOf(ordered) : row[name];
	}
	return ordered;
}

const emptyRows = new Map<string, SessionRow>();

/** A row of nulls in the order of its columns, without the fingerprint. */
function emptyRow(groups: Group[]): SessionRow {
	const key = groups.join();
	const known = emptyRows.get(key);
	if (known !== undefined) return { ...known };
	const names = columnNames(groups).filter((name) => name !== 'rowHash');
	emptyRows.set(key, Object.fromEntries(names.map((name) => [name, null])));
	return emptyRow(groups);
}

/** The optional columns, by group. */
const GROUPS: Record<
	Group,
	(fields: SessionFields, settings: RowSettings, warnings: Set<Warning>, kind: RecordKind) => SessionRow
> = {
	// A trigger fills these, since it knows the version before.
	change: () => ({ changedFields: null, energyDeltaKwh: null, amountDelta: null }),
	address: (fields) => ({
		address: textOf(fields.address),
		postalCode: textOf(fields.postalCode),
		timezone: textOf(fields.timezone),
	}),
	commercial: (fields, _, warnings) => ({
		companyId: idOf(fields.companyId, warnings),
		customerCompanyId: idOf(fields.customerCompanyId, warnings),
		locationErpId: idOf(fields.locationErpId, warnings),
		energyFee: amountOf(fields.energyFee, warnings),
		paidAt: momentOf(fields.paidAt, warnings)?.iso ?? null,
		paymentTerminal: idOf(fields.paymentTerminal, warnings),
		customerErpId: idOf(fields.customerErpId, warnings),
		tariffId: idOf(fields.tariffId, warnings),
		isDynamicPrice: flagIn(fields.isDynamicPrice, warnings),
		startFee: amountOf(fields.startFee, warnings),
		energyCost: amountOf(fields.energyCost, warnings),
		voucherCode: idOf(fields.voucherCode, warnings),
		paymentStatus: textOf(fields.paymentStatus),
		roamingPartner: textOf(fields.roamingPartner),
		reimbursable: flagIn(fields.reimbursable, warnings),
		externalSessionId: idOf(fields.externalSessionId, warnings),
		createdAt: momentOf(fields.createdAt, warnings)?.iso ?? null,
	}),
	driver: (fields, { driver }, warnings) => {
		const hide = masker(driver);
		const isCustomer = fields.customerId !== undefined;
		const driverId = idOf(isCustomer ? fields.customerId : fields.appUserId, warnings);
		// The names are the customer's: beside the number of an app user they could be another person's.
		const isNamed = isCustomer || fields.appUserId === undefined;
		const names = isNamed ? [fields.driverFirstName, fields.driverLastName].map(textOf).filter(Boolean) : [];
		return {
			tokenUid: hide('tokenUid', idOf(fields.tokenUid, warnings)),
			tokenLabel: hide('tokenLabel', idOf(fields.tokenLabel, warnings)),
			tokenType: textOf(fields.tokenType),
			contractId: hide('contractId', idOf(fields.contractId, warnings)),
			driverId: hide('driverId', driverId),
			driverIdKind: driverId === null ? null : isCustomer ? 'customer' : 'appUser',
			driverName: hide('driverName', names.length > 0 ? names.join(' ') : null),
			paymentCard: hide('paymentCard', cardOf(fields)),
		};
	},
	origin: (_fields, _settings, _warnings, { source, endpoint }) => ({ source, endpoint }),
	vehicle: (fields, _, warnings) => ({
		socStartPct: numberIn(fields.socStartPct, warnings),
		socEndPct: numberIn(fields.socEndPct, warnings),
		co2: numberIn(fields.co2, warnings),
	}),
};

/** Which of start and end can be right, and the time between them; null where it is not known. */
export function timesOf(
	startedAt: Moment | null,
	endedAt: Moment | null,
	nowMs = Infinity,
	warnings: Set<Warning>,
): { isStartRight: boolean; isEndRight: boolean; elapsedMs: number | null } {
	const isPast = (moment: Moment | null) => moment !== null && moment.time <= nowMs + DAY_MS;
	const isStartRight = isPast(startedAt);
	const elapsedMs = startedAt === null || endedAt === null ? null : endedAt.time - startedAt.time;
	const isBackwards = elapsedMs !== null && elapsedMs < 0;
	if (isBackwards) warnings.add('end-before-start');
	const isFuture = (startedAt !== null && !isStartRight) || (endedAt !== null && !isPast(endedAt));
	if (isFuture || (elapsedMs ?? 0) > MAX_SESSION_MS) warnings.add('time-implausible');
	return {
		isStartRight,
		isEndRight: isPast(endedAt) && !(isBackwards && isStartRight),
		elapsedMs: isBackwards || isFuture ? null : elapsedMs,
	};
}

/** The ISO code of a currency, else that of the settings if the record has none. */
export function currencyOf(
	value: unknown,
	otherwise: string | undefined,
	warnings: Set<Warning>,
): string | null {
	if (value === undefined) return otherwise ?? null;
	const code = textOf(value)?.trim().toUpperCase();
	if (code !== undefined && /^[A-Z]{3}$/.test(code)) return code;
	warnings.add('currency-unreadable');
	return null;
}

/**
 * The duration comes from start and end. Its parts are used only if the total of the record agrees with it, in the unit of the
 * page.
 */
function durationsOf(
	fields: SessionFields,
	elapsedMs: number | null,
	{ durationUnit }: PageUnits,
	warnings: Set<Warning>,
) {
	const durationSeconds = elapsedMs === null ? null : Math.round(elapsedMs / 1000);
	const unknown = { durationSeconds, chargingSeconds: null, idleSeconds: null };
	const total = readDecimal(fields.durationTotal);
	if (durationSeconds === null || total === null) return unknown;
	if (
		durationUnit === undefined ||
		total === undefined ||
		!isDuration(total * durationUnit, durationSeconds)
	) {
		warnings.add('duration-unit-unknown');
		return unknown;
	}
	return {
		durationSeconds,
		chargingSeconds: secondsOf(fields.durationCharging, durationUnit, warnings),
		idleSeconds: secondsOf(fields.durationIdle, durationUnit, warnings),
	};
}

function secondsOf(value: unknown, unit: number, warnings: Set<Warning>): number | null {
	const part = numberIn(value, warnings);
	return part === null ? null : Math.round(part * unit);
}

/**
 * Energy and meters in kWh. The energy is that of the record; if it has none, the difference of the meters. Kinds that prefer meters
 * have it the other way round.
 */
function energyOf(fields: SessionFields, kind: RecordKind, units: PageUnits, warnings: Set<Warning>) {
	const stated = orWarn(readDecimal(fields.energyKwh), 'energy-unreadable', warnings);
	const start = orWarn(readDecimal(fields.meterStart), 'energy-unreadable', warnings);
	const stop = orWarn(readDecimal(fields.meterStop), 'energy-unreadable', warnings);
	// The record's own numbers tell most, then those of its charger: others may have another unit.
	const unitByOthers = () =>
		start === null && stop === null ? undefined : (units.metersOf(fields).unit ?? units.meterUnit);
	const unit = kind.meterUnit ?? meterUnitOf(fields) ?? unitByOthers();
	if (unit === undefined) {
		if (start !== null || stop !== null) warnings.add('meter-unit-unknown');
		if (stop !== null) doubtUnitless(fields, units, stated, start, stop, warnings);
		return { energyKwh: stated, meterStartKwh: null, meterStopKwh: null };
	}
	const meterStartKwh = inKwh(start, unit);
	const meterStopKwh = inKwh(stop, unit);
	const metered =
		meterStartKwh === null || meterStopKwh === null ? null : roundTo(meterStopKwh - meterStartKwh, 3);
	if (stated !== null && metered !== null) {
		const difference = Math.abs(metered - stated);
		const isRounded = kind.prefersMeters && difference > 0.02 && stated === Math.floor(metered);
		if (isRounded) warnings.add('energy-rounded');
		else if (difference > 0.02) {
			const digit = lastDigit(fields, units, unit);
			if (isMismatch(difference, stated, digit)) warnings.add('meter-mismatch');
			else if (digit >= 1 && difference <= digit) warnings.add('meter-rounded');
		}
	}
	// A meter that was exchanged or reset gives less than nothing.
	if (kind.prefersMeters && metered !== null && metered >= 0)
		return { energyKwh: metered, meterStartKwh, meterStopKwh };
	return { energyKwh: stated ?? metered, meterStartKwh, meterStopKwh };
}

/** The doubts that hold in either unit of the meters, where theirs is not known. */
function doubtUnitless(
	fields: SessionFields,
	units: PageUnits,
	stated: number | null,
	start: number | null,
	stop: number,
	warnings: Set<Warning>,
): void {
	if (start !== null && stop < start) warnings.add('meter-backwards');
	if (stated === null) return;
	const counted = stop - (start ?? 0);
	const fits =
		!isMismatch(counted - stated, stated, start === null ? 0 : lastDigit(fields, units, 'kWh')) ||
		!isMismatch(counted / 1000 - stated, stated, start === null ? 0 : lastDigit(fields, units, 'Wh'));
	if (start !== null && !fits) warnings.add('meter-mismatch');
	// All that the meter has ever counted, since its value at the start is lost.
	if (start === null && fits && stated > 0) warnings.add('energy-implausible');
}

function lastDigit(fields: SessionFields, { metersOf }: PageUnits, unit: MeterUnit): number {
	return lastDigitKwh(metersOf(fields).decimals, unit);
}

/** Half a unit of the last digit of each of both meters, in kWh. */
export function lastDigitKwh(decimals: number, unit: MeterUnit): number {
	const digit = 10 ** -decimals;
	return (unit === 'Wh' ? digit / 1000 : digit) + 1e-9;
}

function inKwh(value: number | null, unit: MeterUnit): number | null {
	return value !== null && unit === 'Wh' ? roundTo(value / 1000, 3) : value;
}

function amountOf(value: unknown, warnings: Set<Warning>): number | null {
	return orWarn(readDecimal(value), 'amount-unreadable', warnings);
}

function numberIn(value: unknown, warnings: Set<Warning>): number | null {
	return orWarn(readDecimal(value), 'number-unreadable', warnings);
}

/** The price with VAT: the record's own, else amount divided by energy. */
function pricePerKwh(
	fields: SessionFields,
	kind: RecordKind,
	{ pricesIncludeVat, vatRatePct }: RowSettings,
	incl: number | null,
	energyKwh: number | null,
	warnings: Set<Warning>,
): number | null {
	const stated = amountOf(fields.pricePerKwh, warnings);
	if (stated !== null) {
		// If the VAT of the amount is unknown, that of the price is unknown too.
		if (fields.amount === undefined || pricesIncludeVat)
			return kind.isZeroUnpriced && stated === 0 ? null : stated;
		return vatRatePct === undefined || stated === 0 ? null : roundTo(stated * (1 + vatRatePct / 100), 4);
	}
	// Below one watt-hour a price would be meaningless.
	return incl !== null && energyKwh !== null && energyKwh >= 0.001 ? roundTo(incl / energyKwh, 4) : null;
}

/** `****0042`: the last four digits, of which a number has lost the zeros in front. No more of a card is ever written. */
function cardOf({ cardNumber, cardLastFour }: SessionFields): string | null {
	const digits = textOf(cardNumber) ?? textOf(cardLastFour)?.padStart(4, '0');
	const four = /\d{4}$/.exec(digits ?? '');
	return four && `****${four[0]}`;
}

/** The text behind the last `*` of an EVSE ID. */
function connectorIn(evseId: string): string | null {
	const star = evseId.lastIndexOf('*');
	return star >= 0 && star < evseId.length - 1 ? evseId.slice(star + 1) : null;
}

function dayOf(time: number, timezone: unknown, otherwise: string, warnings: Set<Warning>): string | null {
	const own = typeof timezone === 'string' ? localDate(time, timezone) : undefined;
	if (own !== undefined) return own;
	if (timezone !== undefined) warnings.add('timezone-unknown');
	return localDate(time, otherwise) ?? null;
}
