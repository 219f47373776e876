/** A company of the operator's account. Charge records of the children are given only when asked for. */
export interface Company {
	id: number;
	name: string;
	/** From the root down to the company itself. */
	tree: string[];
}

/** Where chargers stand. */
export interface Site {
	id: number;
	name: string;
	address: string;
	zipCode: string;
	city: string;
	country: string;
	timezone: string;
	currency: string;
	/** A fraction. */
	vatRate: number;
	/** As in `locationType` of the transactions. */
	type: SiteType;
	isPublic: boolean;
	/** The home owner's app account. */
	appUserId: number | null;
	crmId: number | null;
	company: Company;
	/** Charge boxes here; each has two connectors. */
	chargeBoxes: number;
}

export type SiteType =
	'PublicRoad' | 'Residential' | 'ParkingLot' | 'ParkingLotIndoor' | 'ParkingLotUnderground' | 'Hotel';

/** What v1 calls the same. Only `Parking lot` is printed in the documentation, the others follow its pattern. */
export const LEGACY_TYPE: Record<SiteType, string> = {
	PublicRoad: 'Public road',
	Residential: 'Residential',
	ParkingLot: 'Parking lot',
	ParkingLotIndoor: 'Parking lot indoor',
	ParkingLotUnderground: 'Parking lot underground',
	Hotel: 'Hotel',
};

/** The account that the key belongs to. */
export const OPERATOR = { id: 318, name: 'Nordlyst Ladenet', crmId: 90318 };
export const FOREIGN_OPERATOR = { id: 702, name: 'Rheinstrom Mobilität', crmId: 90702 };

const ROOT: Company = { id: 2101, name: 'Nordlyst Ladenet A/S', tree: ['2101'] };
const GREEN_STREETS: Company = { id: 2102, name: 'Grønne Gader ApS', tree: ['2101', '2102'] };
const SOUTH: Company = { id: 2103, name: 'Laadpunt Zuid B.V.', tree: ['2101', '2103'] };
const ELAN: Company = { id: 2104, name: 'Élan Mobilité SARL', tree: ['2101', '2103', '2104'] };
export const COMPANIES = [ROOT, GREEN_STREETS, SOUTH, ELAN];

/** Charge records without `includeChildCompanyRecords` are this company's. */
export const OWN_COMPANY = ROOT;

const COUNTRIES: Record<string, Pick<Site, 'country' | 'timezone' | 'currency' | 'vatRate'>> = {
	DK: { country: 'DK', timezone: 'Europe/Copenhagen', currency: 'DKK', vatRate: 0.25 },
	NL: { country: 'NL', timezone: 'Europe/Amsterdam', currency: 'EUR', vatRate: 0.21 },
	DE: { country: 'DE', timezone: 'Europe/Berlin', currency: 'EUR', vatRate: 0.19 },
	FR: { country: 'FR', timezone: 'Europe/Paris', currency: 'EUR', vatRate: 0.2 },
	SE: { country: 'SE', timezone: 'Europe/Stockholm', currency: 'SEK', vatRate: 0.25 },
	NO: { country: 'NO', timezone: 'Europe/Oslo', currency: 'NOK', vatRate: 0.25 },
};

type Row = [string, string, string, string, string, SiteType, Company, number];

// One name holds everything that a careless CSV writer breaks on.
const ROWS: Row[] = [
	['Amagerbrogade Nord', 'Amagerbrogade 118', '2300', 'København S', 'DK', 'PublicRoad', ROOT, 4],
	[
		'Café "Blå Port", Østerbro; kælder',
		'Østerbrogade 77',
		'2100',
		'København Ø',
		'DK',
		'ParkingLotUnderground',
		ROOT,
		2,
	],
	[
		'Aarhus Ø Parkering',
		'Bernhardt Jensens Boulevard 91',
		'8000',
		'Aarhus C',
		'DK',
		'ParkingLotIndoor',
		ROOT,
		3,
	],
	['Odense Bæredygtig', 'Vestre Stationsvej 14', '5000', 'Odense C', 'DK', 'ParkingLot', GREEN_STREETS, 2],
	['Villa Højbjerg', 'Skåde Skovvej 6', '8270', 'Højbjerg', 'DK', 'Residential', ROOT, 1],
	['Hotel Skagens Lys', 'Østre Strandvej 3', '9990', 'Skagen', 'DK', 'Hotel', ROOT, 2],
	['Marnixstraat', 'Marnixstraat 250', '1016 TL', 'Amsterdam', 'NL', 'PublicRoad', ROOT, 3],
	[
		'P+R Kralingse Zoom',
		"Kralingse Zoom 's-Gravenweg 2",
		'3063 ND',
		'Rotterdam',
		'NL',
		'ParkingLot',
		SOUTH,
		4,
	],
	['Woonhuis De Uil', 'Uilenburg 12', '5211 EV', "'s-Hertogenbosch", 'NL', 'Residential', ROOT, 1],
	['Rathausplatz Süd', 'Große Straße 9', '24937', 'Flensburg', 'DE', 'PublicRoad', ROOT, 2],
	['Parkhaus Königsallee', 'Königsallee 60', '40212', 'Düsseldorf', 'DE', 'ParkingLotIndoor', ROOT, 3],
	['Hotel Möwenruh', 'Strandstraße 21', '18119', 'Warnemünde', 'DE', 'Hotel', ROOT, 2],
	['Parking Hôtel de Ville', '3 Rue de Lobau', '75004', 'Paris', 'FR', 'ParkingLotUnderground', ELAN, 3],
	['Place de la Comédie', '1 Place de la Comédie', '34000', 'Montpellier', 'FR', 'PublicRoad', ROOT, 2],
	['Södermalm Götgatan', 'Götgatan 55', '116 21', 'Stockholm', 'SE', 'PublicRoad', ROOT, 3],
	['Västra Hamnen P-hus', 'Östra Varvsgatan 11', '211 19', 'Malmö', 'SE', 'ParkingLotIndoor', ROOT, 2],
	['Bjørvika Garasje', 'Dronning Eufemias gate 8', '0191', 'Oslo', 'NO', 'ParkingLotUnderground', ROOT, 3],
	['Fjellveien Hytte', 'Fjellveien 40', '5019', 'Bergen', 'NO', 'Residential', GREEN_STREETS, 1],
];

export const SITES: Site[] = ROWS.map(
	([name, address, zipCode, city, country, type, company, chargeBoxes], index) => ({
		...COUNTRIES[country],
		id: 1800 + index * 7,
		name,
		address,
		zipCode,
		city,
		type,
		isPublic: type !== 'Residential',
		appUserId: type === 'Residential' ? 6000 + index : null,
		crmId: index % 3 === 0 ? null : 44000 + index,
		company,
		chargeBoxes,
	}),
);

/** A driver's charge key. */
export interface Tag {
	uid: string;
	id: number;
	type: 'rfid' | 'creditCard' | 'virtual';
	label: string;
	firstName: string;
	lastName: string;
	customerId: number;
	appUserId: number | null;
	company: Company;
}

export const FIRST_NAMES = [
	'Søren',
	'Åse',
	'Jürgen',
	'Zoë',
	'François',
	'Bjørn',
	'Ingrid',
	'Łukasz',
	'Maja',
	'Noël',
];
export const LAST_NAMES = [
	'Sørensen',
	'Østergård',
	'van der Meer',
	'Müller',
	'Lefèvre',
	'Åkesson',
	"O'Brien",
	'Næss',
];

export interface Voucher {
	id: number;
	groupId: number;
	code: string;
	groupName: string;
	/** Part of the usual price that is still to be paid. */
	factor: number;
}

export const VOUCHERS: Voucher[] = [
	{ id: 511, groupId: 71, code: 'SOMMER25', groupName: 'Sommerkampagne, 25 %', factor: 0.75 },
	{ id: 512, groupId: 71, code: 'SOMMER25-VIP', groupName: 'Sommerkampagne, 25 %', factor: 0.75 },
	{ id: 530, groupId: 74, code: 'GÆST', groupName: 'Hotelgæster', factor: 0.5 },
	{ id: 541, groupId: 80, code: 'PERSONEEL', groupName: 'Personeel', factor: 0.2 },
];
