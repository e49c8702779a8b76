/** What a cell cannot be taken for. `lostDigits`: a spreadsheet kept a long code as a rounded number. */
export type CellFaultCode = 'formula' | 'lostDigits' | 'errorValue' | 'date' | 'merged';

export interface CellFault {
  /** Index from 0. */
  readonly column: number;
  readonly code: CellFaultCode;
  readonly value: string;
}

export interface SheetRow {
  /** Row of the spreadsheet or first line of the CSV record, 1 = first. */
  readonly line: number;
  /** Texts as they are shown, defusing apostrophes taken off. */
  readonly cells: readonly string[];
  readonly faults?: readonly CellFault[];
}

/** What a file turned out to be. */
export interface SheetMeta {
  readonly format: 'csv' | 'xlsx';
  /** Of CSV. */
  readonly encoding?: 'utf-8' | 'gb18030' | 'utf-16le';
  readonly separator?: string;
  /** Name of the sheet that was read, of XLSX. */
  readonly sheet?: string;
}

export interface Table {
  readonly meta: SheetMeta;
  /** Rows with anything in them, notes left out; the first is the header. */
  readonly rows: readonly SheetRow[];
}

export interface SheetLimits {
  /** Rows with anything in them, header included. */
  readonly maxRows: number;
  readonly maxColumns: number;
  /** Characters of one cell. */
  readonly maxCell: number;
  /** Bytes of one part of a workbook, unpacked. */
  readonly maxPart: number;
}

export const DEFAULT_LIMITS: SheetLimits = {
  maxRows: 20_200,
  maxColumns: 200,
  maxCell: 4_096,
  maxPart: 64 * 1_048_576,
};

/** Bytes of a file as it is uploaded. */
export const MAX_FILE = 16 * 1_048_576;
