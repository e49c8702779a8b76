import { type QueryKey, useQueryClient } from '@tanstack/react-query';
import { App, Form, type FormInstance } from 'antd';
import { type ReactNode, useState } from 'react';
import { type Resource, useMay } from '../../app/rights.ts';
import { t } from '../../language.ts';
import { ConfirmButton } from '../../parts/confirm.tsx';
import { FormDrawer } from '../../parts/form-drawer.tsx';
import './system.css';

/** A named thing of the house that is listed, added, changed and removed. `Input` is what its form holds. */
export interface Thing<Row extends { readonly id: string }, Input extends object> {
  readonly resource: Resource;
  /** Heading of the drawer; null = a new one. */
  readonly title: (row: Row | null) => string;
  readonly initial: (row: Row | null) => Partial<Input>;
  readonly fields: (row: Row | null, form: FormInstance<Input>) => ReactNode;
  readonly create?: (input: Input) => Promise<unknown>;
  readonly change?: (row: Row, input: Input) => Promise<unknown>;
  /** What a change brings about that one would not expect; null = nothing. Asked before it is saved. */
  readonly brings?: (row: Row, input: Input) => string | null;
  readonly remove?: {
    readonly act: (row: Row) => Promise<unknown>;
    readonly consequence: (row: Row) => ReactNode;
    /** Why it cannot be removed now; the button is not shown then, the reason is. */
    readonly hindered?: (row: Row) => string | null;
  };
  /** What else belongs to one that exists, below its fields; `put` shows a newer state of it. */
  readonly beyond?: (row: Row, put: (row: Row) => void) => ReactNode;
  /** What is asked for again after a change. */
  readonly stale: readonly QueryKey[];
  /** Pixels. */
  readonly width?: number;
}

interface Editing<Row> {
  readonly open: (row: Row | null) => void;
  readonly mayCreate: boolean;
  readonly drawer: ReactNode;
}

/** One drawer to look at, add, change and remove such things; what one may not do is not offered. */
export function useThing<Row extends { readonly id: string }, Input extends object>(
  thing: Thing<Row, Input>,
): Editing<Row> {
  const may = useMay();
  const [row, setRow] = useState<Row | null>(null);
  const [shown, setShown] = useState(false);
  const [opening, setOpening] = useState(0);
  return {
    open: (next) => {
      setRow(next);
      setOpening(opening + 1);
      setShown(true);
    },
    mayCreate: thing.create !== undefined && may(thing.resource, 'create'),
    // Every opening has a form of its own: what was typed for one thing never shows in another.
    drawer: (
      <ThingDrawer key={opening} thing={thing} row={row} put={setRow} open={shown} close={() => setShown(false)} />
    ),
  };
}

interface ThingDrawerProps<Row extends { readonly id: string }, Input extends object> {
  readonly thing: Thing<Row, Input>;
  readonly row: Row | null;
  readonly put: (row: Row) => void;
  readonly open: boolean;
  readonly close: () => void;
}

function ThingDrawer<Row extends { readonly id: string }, Input extends object>(props: ThingDrawerProps<Row, Input>) {
  const { thing, row, put, open, close } = props;
  const { create, change, remove } = thing;
  const may = useMay();
  const [form] = Form.useForm<Input>();
  const { modal } = App.useApp();
  const queries = useQueryClient();
  const again = () => Promise.all(thing.stale.map((queryKey) => queries.invalidateQueries({ queryKey })));
  const write =
    row === null
      ? may(thing.resource, 'create') && create
      : may(thing.resource, 'update') && change && ((input: Input) => change(row, input));
  const save = async (input: Input) => {
    const brings = row === null ? null : (thing.brings?.(row, input) ?? null);
    const title = t('thing.save');
    if (brings !== null && !(await modal.confirm({ title, content: brings, okText: title }))) return false;
    if (write) await write(input);
    await again();
    return true;
  };
  const hindered = row === null ? null : (remove?.hindered?.(row) ?? null);
  return (
    <FormDrawer<Input>
      title={thing.title(row)}
      open={open}
      close={close}
      form={form}
      initial={thing.initial(row)}
      {...(write && { save })}
      width={thing.width ?? 480}
      foot={
        row !== null &&
        remove &&
        may(thing.resource, 'remove') &&
        (hindered === null ? (
          <ConfirmButton
            danger
            title={t('thing.remove')}
            consequence={remove.consequence(row)}
            act={async () => {
              await remove.act(row);
              close();
              await again();
            }}
          >
            {t('thing.remove')}
          </ConfirmButton>
        ) : (
          <span className="quiet">{hindered}</span>
        ))
      }
      below={
        row !== null &&
        thing.beyond?.(row, (next) => {
          put(next);
          void again();
        })
      }
    >
      {thing.fields(row, form)}
    </FormDrawer>
  );
}

/** The name in a list: opens the thing, by keyboard too. */
export function Opens({ name, onOpen }: { name: ReactNode; onOpen: () => void }) {
  return (
    <button
      type="button"
      className="opens-thing"
      onClick={(event) => {
        event.stopPropagation();
        onOpen();
      }}
    >
      {name}
    </button>
  );
}
