import type { NamedRecordKind } from '../shared/node/vendorPackage';
import { emptyToUndefined, type RecordKind } from '../shared/session/fields';
import { isObject } from '../shared/http/response';

/** `GET /v2/charge-records`: where a charge record says what. */
export const chargeRecordKind: RecordKind = {
	source: 'spirii',
	endpoint: '/v2/charge-records',
	matches: (record) => 'transactionId' in record && !('started_at' in record),
	read: (record) => {
		const { company, duration, location, price, roamingDetails, vehicleState } = record;
		const idTag = record.auth?.idTag;
		return {
			id: emptyToUndefined(record.transactionId),
			externalSessionId: emptyToUndefined(record.sessionId),
			startedAt: emptyToUndefined(record.startedAt),
			endedAt: emptyToUndefined(record.endedAt),
			createdAt: emptyToUndefined(record.createdAt),
			updatedAt: emptyToUndefined(record.updatedAt),
			durationTotal: emptyToUndefined(duration?.total),
			durationCharging: emptyToUndefined(duration?.charging) ?? emptyToUndefined(record.chargingTime),
			durationIdle: emptyToUndefined(duration?.idle) ?? emptyToUndefined(record.idleTime),
			remotelyStoppedAt: emptyToUndefined(record.remotelyStoppedAt),
			energyKwh: emptyToUndefined(record.consumed),
			meterStart: emptyToUndefined(record.meterStart),
			meterStop: emptyToUndefined(record.meterStop),
			maxPower: emptyToUndefined(record.highestPowerDrawn),
			amountInclVat: emptyToUndefined(price?.amount),
			amountExclVat: emptyToUndefined(price?.amountExVat),
			vat: emptyToUndefined(price?.vatRate),
			pricePerKwh: emptyToUndefined(price?.perKwh),
			currency: emptyToUndefined(price?.currency),
			tariffId: emptyToUndefined(price?.tariffId),
			tariffName: emptyToUndefined(price?.tariffName),
			isDynamicPrice: emptyToUndefined(price?.isDynamic),
			voucherCode: emptyToUndefined(record.voucher?.code),
			paymentStatus: emptyToUndefined(record.paymentMetadata?.paymentStatus),
			locationId: emptyToUndefined(location?.id),
			locationName: emptyToUndefined(location?.name),
			address: emptyToUndefined(location?.address),
			postalCode: emptyToUndefined(location?.zipCode),
			city: emptyToUndefined(location?.city),
			country: emptyToUndefined(location?.country),
			timezone: emptyToUndefined(location?.timezone),
			chargerId: emptyToUndefined(record.chargeBoxId),
			evseId: emptyToUndefined(record.evseId),
			tokenUid: emptyToUndefined(idTag?.uid),
			tokenLabel: emptyToUndefined(idTag?.label),
			tokenType: emptyToUndefined(idTag?.type),
			contractId: emptyToUndefined(roamingDetails?.roamingEvcoId),
			driverId: emptyToUndefined(idTag?.customer?.id) ?? emptyToUndefined(record.user),
			driverFirstName: emptyToUndefined(idTag?.customer?.firstName),
			driverLastName: emptyToUndefined(idTag?.customer?.lastName),
			companyId: emptyToUndefined(company?.id) ?? emptyToUndefined(idTag?.company?.id),
			companyName: emptyToUndefined(company?.name) ?? emptyToUndefined(idTag?.company?.name),
			costCentre: emptyToUndefined(idTag?.billingReference),
			customerErpId: emptyToUndefined(idTag?.crmCustomerId) ?? emptyToUndefined(location?.crmCustomerId),
			reimbursable: emptyToUndefined(location?.isEligibleForRefund),
			isRoaming: emptyToUndefined(record.isRoaming),
			roamingPartner: emptyToUndefined(roamingDetails?.roamingOperator),
			socStartPct: emptyToUndefined(vehicleState?.firstValue),
			socEndPct: emptyToUndefined(vehicleState?.lastValue),
		};
	},
};

/** `GET /v2/transactions`. */
export const transactionKind: RecordKind = {
	source: 'spirii',
	endpoint: '/v2/transactions',
	matches: (record) => isObject(record.chargingDetails) || ('chargeBoxId' in record && 'id' in record),
	read: (record) => {
		const { chargingDetails, company, duration, location, price, roamingDetails, tariff } = record;
		const idTag = record.auth?.idTag;
		return {
			id: emptyToUndefined(record.id),
			startedAt: emptyToUndefined(record.startedAt),
			endedAt: emptyToUndefined(record.endedAt),
			updatedAt: emptyToUndefined(record.updatedAt),
			durationTotal: emptyToUndefined(duration?.total),
			durationCharging: emptyToUndefined(duration?.charging),
			durationIdle: emptyToUndefined(duration?.idle),
			energyKwh: emptyToUndefined(chargingDetails?.consumed),
			meterStart: emptyToUndefined(chargingDetails?.meterStart),
			meterStop: emptyToUndefined(chargingDetails?.meterStop),
			maxPower: emptyToUndefined(chargingDetails?.highestPowerDrawn),
			amountInclVat: emptyToUndefined(price?.amount),
			amountExclVat: emptyToUndefined(price?.amountExVat),
			vat: emptyToUndefined(price?.vatRate),
			pricePerKwh: emptyToUndefined(price?.perKwh),
			currency: emptyToUndefined(price?.currency),
			tariffId: emptyToUndefined(tariff?.id),
			tariffName: emptyToUndefined(tariff?.name),
			isDynamicPrice: emptyToUndefined(price?.isDynamic),
			voucherCode: emptyToUndefined(record.voucher?.code),
			paymentStatus: emptyToUndefined(record.paymentStatus),
			locationId: emptyToUndefined(location?.id),
			locationName: emptyToUndefined(location?.name),
			address: emptyToUndefined(location?.address),
			postalCode: emptyToUndefined(location?.zipCode),
			city: emptyToUndefined(location?.city),
			country: emptyToUndefined(location?.countryCode),
			chargerId: emptyToUndefined(record.chargeBoxId),
			evseId: emptyToUndefined(record.evseId),
			tokenUid: emptyToUndefined(idTag?.uid),
			tokenLabel: emptyToUndefined(idTag?.label),
			tokenType: emptyToUndefined(idTag?.type),
			contractId: emptyToUndefined(roamingDetails?.roamingEvcoId),
			driverId: emptyToUndefined(idTag?.customer?.id) ?? emptyToUndefined(record.appUserId),
			driverFirstName: emptyToUndefined(idTag?.customer?.firstName),
			driverLastName: emptyToUndefined(idTag?.customer?.lastName),
			companyId: emptyToUndefined(company?.id) ?? emptyToUndefined(idTag?.company?.id),
			companyName: emptyToUndefined(company?.name) ?? emptyToUndefined(idTag?.company?.name),
			costCentre: emptyToUndefined(idTag?.billingReference),
			customerErpId: emptyToUndefined(idTag?.crmCustomerId) ?? emptyToUndefined(location?.crmCustomerId),
			reimbursable: emptyToUndefined(location?.isEligibleForRefund),
			isRoaming: emptyToUndefined(record.isRoaming),
			roamingPartner: emptyToUndefined(roamingDetails?.roamingOperator),
		};
	},
};

/** `GET /v1/charge-records`: amounts are texts, often with a decimal comma. */
export const legacyChargeRecordKind: RecordKind = {
	source: 'spirii',
	endpoint: '/v1/charge-records',
	matches: (record) => 'billingMethod' in record || 'priceSource' in record,
	read: (record) => {
		const { auth, location, price } = record;
		return {
			id: emptyToUndefined(record.id),
			startedAt: emptyToUndefined(record.startedAt),
			endedAt: emptyToUndefined(record.endedAt),
			updatedAt: emptyToUndefined(record.updatedAt),
			energyKwh: emptyToUndefined(record.consumed),
			amountInclVat: emptyToUndefined(price?.amount),
			amountExclVat: emptyToUndefined(price?.amountExVat),
			vat: emptyToUndefined(price?.vatRate),
			currency: emptyToUndefined(price?.currency),
			tariffName: emptyToUndefined(record.priceSource),
			isDynamicPrice: emptyToUndefined(record.isDynamicPrice),
			voucherCode: emptyToUndefined(record.voucherCode),
			paymentStatus: emptyToUndefined(record.billingMethod),
			locationId: emptyToUndefined(location?.id),
			locationName: emptyToUndefined(location?.name),
			address: emptyToUndefined(location?.address),
			postalCode: emptyToUndefined(location?.zipCode),
			city: emptyToUndefined(location?.city),
			country: emptyToUndefined(location?.country),
			evseId: emptyToUndefined(record.evseId),
			tokenUid: emptyToUndefined(auth?.tagUid),
			tokenLabel: emptyToUndefined(auth?.tagLabel),
			tokenType: emptyToUndefined(auth?.tagType),
			contractId: emptyToUndefined(auth?.evcoID),
			driverId: emptyToUndefined(auth?.appUserId),
			costCentre: emptyToUndefined(record.billingDetails),
			customerErpId: emptyToUndefined(location?.crmCustomerId),
			isRoaming: emptyToUndefined(record.isRoaming),
		};
	},
};

/** The most specific shape comes first. */
export const recordKinds: NamedRecordKind[] = [
	{ value: 'spiriiChargeRecord', name: 'Spirii Charge Records', kind: chargeRecordKind },
	{
		value: 'spiriiLegacyChargeRecord',
		name: 'Spirii Charge Records (Legacy V1)',
		kind: legacyChargeRecordKind,
	},
	{ value: 'spiriiTransaction', name: 'Spirii Transactions', kind: transactionKind },
];
