import { Select, type SelectProps } from 'antd';
import { type Named, useNames } from './names.ts';

interface NamedSelectProps extends Omit<SelectProps<string | undefined>, 'options'> {
  readonly of: Named;
}

/** One of a list of named things: organisations, sites, vendors, modules, maintenance units. */
export function NamedSelect({ of, ...select }: NamedSelectProps) {
  const { all } = useNames(of);
  return (
    <Select
      allowClear
      showSearch={{ optionFilterProp: 'label' }}
      popupMatchSelectWidth={false}
      {...select}
      options={all.map(({ id, name }) => ({ value: id, label: name }))}
    />
  );
}
