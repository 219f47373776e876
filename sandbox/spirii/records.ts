import { LEGACY_TYPE, type Company, type Tag } from './places';
import { round } from '../random';
import type { Session, SessionList } from './session';

/** A record as it goes over the wire; what is undefined does not. */
export type JsonRecord = Record<string, unknown>;

/** Which moments count as an update: every write, or (as in v1's printed example) the start and later corrections. */
export type UpdatedAt = 'lastWrite' | 'startedAt';

export function updatedAt(session: Session, meaning: UpdatedAt): number {
	return meaning === 'lastWrite' ? session.updatedAt : (session.correctedAt ?? session.startedAt);
}

/** `documented` sessions are served as printed, in their own list only. */
export function isIn(list: SessionList, session: Session): boolean {
	return session.documented === undefined || session.documented.list === list;
}

/** `GET /v2/charge-records`: prices with a VAT fraction, unset groups null or missing. */
export function toChargeRecord(session: Session, meaning: UpdatedAt): JsonRecord {
	if (session.documented?.list === 'chargeRecords') return session.documented.record;
	const { site, tag, voucher } = session;
	const paid = session.amount > 0;
	const tariffName = `${site.city} standard`;
	const times = duration(session);
	return {
		transactionId: session.id,
		sessionId: sessionId(session),
		evseId: session.evseId,
		location: {
			id: site.id,
			name: site.name,
			address: site.address,
			zipCode: site.zipCode,
			city: site.city,
			timezone: site.timezone,
			isPublic: site.isPublic,
			crmId: site.crmId,
			crmCustomerId: site.crmId,
			isEligibleForRefund: site.country === 'DK',
			appUserId: site.appUserId,
			country: site.country,
		},
		consumed: session.consumed,
		price: {
			amountExVat: session.amountExVat,
			currency: site.currency,
			vatRate: site.vatRate,
			amount: session.amount,
			perKwh: session.perKwh,
			isDynamic: session.isDynamic,
			spotPriceMargin: session.isDynamic ? 0.35 : undefined,
			spotPriceMinimum: session.isDynamic ? 1 : undefined,
			roamingTariffId: session.roaming ? 9000 + site.id : undefined,
			roamingTariffProductId: session.roaming ? 'STANDARD' : undefined,
			tariffId: paid ? 120_000 + site.id : null,
			tariffName: paid ? tariffName : null,
		},
		card:
			tag.type === 'creditCard'
				? { brand: 'visa', lastFour: tag.id % 10_000, customerId: `cus_${tag.id}` }
				: null,
		startedAt: iso(session.startedAt),
		endedAt: end(session),
		duration: times,
		chargingTime: times?.charging,
		idleTime: times?.idle,
		paymentMetadata: payment(session),
		auth: { idTag: idTag(session) },
		isRoaming: session.roaming !== null,
		company: named(session.company),
		familyTreeCompanyIds: session.company.tree,
		createdAt: iso(session.createdAt),
		updatedAt: iso(updatedAt(session, meaning)),
		isPriority: session.isPriority,
		energyCostEstimation: site.type === 'Residential' ? { cost: round(session.consumed * 0.8, 2) } : null,
		cpoDefaultPrice: {
			currency: site.currency,
			vatRate: site.vatRate,
			amount: session.amount,
			amountExVat: session.amountExVat,
			perKwh: session.perKwh,
			tariffId: 120_000 + site.id,
			tariffName,
			isDynamic: session.isDynamic,
		},
		voucher: voucher && {
			id: voucher.id,
			groupId: voucher.groupId,
			code: voucher.code,
			currency: site.currency,
			type: 'standard',
			perKwh: session.perKwh,
		},
		voucherGroup: voucher && { id: voucher.groupId, name: voucher.groupName, notes: null },
		user: tag.appUserId,
		roamingDetails: session.roaming && {
			type: roamingType(session),
			role: role(session),
			roamingOperator: roamingOperator(session),
			roamingEvcoId: evcoId(session),
			roamingIdTagUid: tag.uid,
			sessionStatus: session.endedAt === null ? 'ACTIVE' : 'COMPLETED',
			billable: true,
			roamingTariffId: 9000 + site.id,
		},
		isPublicSharing: session.isPublicSharing,
		priceSource: priceSource(session),
		operatorName: session.operator.name,
		operatorId: session.operator.id,
		chargeBoxId: session.chargeBoxId,
		meterStart: session.meterStart,
		meterStop: meterStop(session),
		co2: round(session.consumed * 0.11, 2),
		highestPowerDrawn: highestPower(session),
		maxPower: 22,
		role: role(session),
	};
}

/** `GET /v2/transactions`: the same session, with a VAT percentage. */
export function toTransaction(session: Session, meaning: UpdatedAt): JsonRecord {
	if (session.documented?.list === 'transactions') return session.documented.record;
	const { site, voucher } = session;
	return {
		auth: { idTag: idTag(session) },
		chargeBoxId: session.chargeBoxId,
		chargingDetails: {
			consumed: session.consumed,
			meterStart: session.meterStart,
			meterStop: meterStop(session),
			co2Emitted: round(session.consumed * 0.11, 2),
			highestPowerDrawn: highestPower(session),
		},
		company: named(session.company),
		duration: duration(session),
		evseId: session.evseId,
		id: session.id,
		isRoaming: session.roaming !== null,
		location: {
			id: site.id,
			name: site.name,
			address: site.address,
			zipCode: site.zipCode,
			city: site.city,
			crmId: site.crmId,
			crmCustomerId: site.crmId,
			isEligibleForRefund: site.country === 'DK',
			countryCode: site.country,
			type: site.type,
		},
		price: {
			amount: session.amount,
			amountExVat: session.amountExVat,
			currency: site.currency,
			vatRate: round(site.vatRate * 100, 2),
			isDynamic: session.isDynamic,
			perKwh: session.perKwh,
		},
		startedAt: iso(session.startedAt),
		updatedAt: iso(updatedAt(session, meaning)),
		isPriority: session.isPriority,
		appUserId: session.tag.appUserId,
		endedAt: end(session),
		roamingDetails: session.roaming && {
			roamingOperator: roamingOperator(session),
			roamingEvcoId: evcoId(session),
			roamingIdTagUid: session.tag.uid,
			sessionStatus: session.endedAt === null ? 'ACTIVE' : 'COMPLETED',
			type: roamingType(session),
		},
		tariff:
			session.amount > 0
				? { id: tariffUuid(site.id), name: `${site.city} standard`, type: 'standard' }
				: null,
		voucher: voucher && { id: voucher.id, groupId: voucher.groupId, code: voucher.code },
		voucherGroup: voucher && {
			id: voucher.groupId,
			type: 'standard',
			name: voucher.groupName,
			notes: null,
			perKwh: session.perKwh,
			currency: site.currency,
		},
	};
}

/** `GET /v2/transactions/{id}`: two fields more. */
export function toTransactionDetail(session: Session, meaning: UpdatedAt): JsonRecord {
	if (session.documented) return toTransaction(session, meaning);
	const ended = session.endedAt !== null;
	const method = session.roaming
		? 'RoamingOperator'
		: session.tag.type === 'creditCard'
			? 'Stripe'
			: 'Invoice';
	return {
		...toTransaction(session, meaning),
		paymentMethod: session.amount > 0 ? method : 'Free',
		paymentStatus: session.amount > 0 ? (ended ? 'succeeded' : 'pending') : 'n/a',
	};
}

/** `GET /v1/charge-records`: amounts as texts with that decimal separator; `rich` adds them with and without VAT. */
export function toLegacyRecord(
	session: Session,
	meaning: UpdatedAt,
	separator: string,
	rich: boolean,
): JsonRecord {
	const { documented } = session;
	if (documented?.list === 'legacyChargeRecords') return (rich && documented.detail) || documented.record;
	const { site, tag, voucher } = session;
	const decimal = (value: number, places = 2) => value.toFixed(places).replace('.', separator);
	return {
		id: session.id,
		location: {
			id: site.id,
			crmCustomerId: site.crmId,
			name: site.name,
			address: site.address,
			zipCode: site.zipCode,
			city: site.city,
			country: site.country,
			type: LEGACY_TYPE[site.type],
			isPublic: site.isPublic ? 1 : 0,
		},
		evseId: session.evseId,
		auth: {
			evcoID: session.roaming ? evcoId(session) : null,
			tagUid: tag.uid,
			tagLabel: tag.label,
			tagDescription: tag.type === 'creditCard' ? 'Generated during setupIntent creation' : null,
			tagType: tag.type,
			appUserId: tag.appUserId,
		},
		isRoaming: session.roaming !== null,
		isPublicSharing: session.isPublicSharing,
		startedAt: iso(session.startedAt),
		updatedAt: iso(updatedAt(session, meaning)),
		endedAt: end(session),
		consumed: session.consumed,
		price: {
			currency: site.currency,
			amount: decimal(session.amount),
			vatRate: rich ? decimal(site.vatRate) : undefined,
			amountExVat: rich ? decimal(session.amountExVat) : undefined,
			amountVat: rich ? decimal(session.amount - session.amountExVat) : undefined,
			netKwh: rich ? netKwh(session).replace('.', separator) : undefined,
		},
		isDynamicPrice: session.isDynamic,
		priceSource: priceSource(session),
		voucherCode: voucher?.code ?? '',
		voucherGroupId: voucher?.groupId ?? 0,
		billingMethod: session.roaming ? 'Roaming' : tag.type === 'creditCard' ? 'AppPayment' : 'Invoice',
		billingDetails: '',
	};
}

export function iso(time: number): string {
	return new Date(time).toISOString();
}

export function sessionId(session: Session): string {
	return `S-${session.id.toString(36).toUpperCase()}`;
}

export function externalSessionId(session: Session): string | undefined {
	return session.tag.type === 'creditCard' ? `pi_${session.id}` : undefined;
}

/** The view from which a session is billed. */
export function role(session: Session): string {
	return session.roaming === 'emp' ? 'EMP' : 'CPO';
}

export function roamingType(session: Session): string | undefined {
	return session.roaming === null ? undefined : session.id % 2 === 0 ? 'Hubject' : 'Gireve';
}

function roamingOperator(session: Session): string {
	return session.roaming === 'emp' ? session.operator.name : 'TNM';
}

function evcoId(session: Session): string {
	return session.roaming === 'cpo'
		? session.tag.label
		: `DK-SPI-C${String(session.tag.id).padStart(8, '0')}-Z`;
}

function priceSource(session: Session): string {
	if (session.voucher) return 'VoucherGroup';
	return session.roaming ? 'RoamingTariff' : 'LocationTariff';
}

/** Both ways in which a running session may show that it has no end. */
function end(session: Session): string | null | undefined {
	if (session.endedAt !== null) return iso(session.endedAt);
	return session.id % 2 === 0 ? undefined : null;
}

function payment(session: Session): JsonRecord | undefined {
	if (session.tag.type !== 'creditCard') return undefined;
	return {
		paymentStatus: session.endedAt === null ? 'pending' : 'succeeded',
		maskedPan: `************${String(session.tag.id % 10_000).padStart(4, '0')}`,
		externalSessionId: externalSessionId(session),
		sessionId: session.id,
		paidAt: session.endedAt === null ? null : iso(session.endedAt),
	};
}

/** Read as the price of a kWh without VAT: the printed one divides the printed amount without a remainder. */
function netKwh({ perKwh, site }: Session): string {
	return String(round(perKwh / (1 + site.vatRate), 4));
}

function duration(session: Session): { charging: number; idle: number; total: number } | undefined {
	if (session.endedAt === null) return undefined;
	const total = (session.endedAt - session.startedAt) / 1000;
	return { charging: total - session.idle, idle: session.idle, total };
}

function meterStop(session: Session): number | null {
	return session.endedAt === null ? null : round(session.meterStart + session.consumed, 2);
}

function highestPower(session: Session): number {
	// The sandbox charges with 11 kW at most.
	return round(11 + (session.id % 1100) / 100, 3);
}

function tariffUuid(siteId: number): string {
	return `79804bf6-0d6d-4e74-ae00-${String(siteId).padStart(12, '0')}`;
}

function named({ id, name }: Company): { id: number; name: string } {
	return { id, name };
}

function idTag({ tag, roaming, operator }: Session): JsonRecord {
	if (roaming === 'cpo')
		return { uid: tag.uid, id: tag.id, type: tag.type, label: tag.label, customerId: null };
	const company = named(tag.company);
	return {
		uid: tag.uid,
		id: tag.id,
		type: tag.type,
		label: tag.label,
		customerId: tag.customerId,
		operatorId: operator.id,
		companyId: tag.company.id,
		familyTreeCompanyIds: tag.company.tree,
		crmCustomerId: crmCustomerId(tag),
		comment: null,
		billingReference: tag.id % 4 === 0 ? `REF ${tag.id}` : null,
		operator: { ...operator },
		company,
		customer: {
			id: tag.customerId,
			firstName: tag.firstName,
			lastName: tag.lastName,
			company,
			familyTreeCompanyIds: tag.company.tree,
		},
	};
}

export function crmCustomerId(tag: Tag): number | null {
	return tag.id % 5 === 0 ? null : 500_000 + tag.id;
}
