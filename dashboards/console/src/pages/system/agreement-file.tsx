import { Button, Upload } from 'antd';
import { useState } from 'react';
import { type Answer, api, body } from '../../api/client.ts';
import { problemOf } from '../../api/problem.ts';
import { useMay } from '../../app/rights.ts';
import { language, t } from '../../language.ts';
import { ExportButton } from '../../parts/export-button.tsx';
import { ProblemNotice } from '../../parts/problem.tsx';
import { Ago } from '../../parts/time.tsx';

type Vendor = Answer<'Vendor'>;
const TYPES = 'application/pdf,image/jpeg,image/png';

/** The scan of the confidentiality agreement: put there, and taken away with a purpose. */
export function AgreementFile({ vendor, put }: { vendor: Vendor; put: (vendor: Vendor) => void }) {
  const may = useMay();
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>();
  const address = `/api/v1/vendors/${encodeURIComponent(vendor.id)}/agreement-file`;
  const file = vendor.agreement?.file ?? null;
  const send = async (scan: File) => {
    setBusy(true);
    setError(undefined);
    try {
      const response = await fetch(`${address}?name=${encodeURIComponent(scan.name)}`, {
        method: 'PUT',
        body: scan,
        credentials: 'same-origin',
        headers: { 'content-type': scan.type || 'application/pdf', 'accept-language': language() },
      });
      if (!response.ok) throw await problemOf(response);
      put(await body(api.GET('/api/v1/vendors/{id}', { params: { path: { id: vendor.id } } })));
    } catch (cause) {
      setError(cause);
    }
    setBusy(false);
  };
  return (
    <section className="beyond">
      <h3>{t('vendors.file')}</h3>
      {file ? (
        <p>
          {file.name} · {t('vendors.file.size', { n: Math.ceil(file.bytes / 1024) })} · <Ago at={file.at} />
        </p>
      ) : (
        <p className="quiet">{t('vendors.file.none')}</p>
      )}
      <div className="acts">
        {may('vendors', 'update') && (
          <Upload
            accept={TYPES}
            showUploadList={false}
            beforeUpload={(scan) => {
              void send(scan);
              return false;
            }}
          >
            <Button loading={busy}>{t(file ? 'vendors.file.replace' : 'vendors.file.put')}</Button>
          </Upload>
        )}
        {file && (
          <ExportButton title={t('vendors.file')} address={address} formats={[]} label={t('vendors.file.take')} />
        )}
      </div>
      {error !== undefined && <ProblemNotice error={error} />}
    </section>
  );
}
