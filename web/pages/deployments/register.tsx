import { useState } from 'preact/hooks';
import { useWrite } from '../../client/queries.ts';
import { ConfirmDialog } from '../../components/dialog.tsx';
import { TextField } from '../../components/field.tsx';
import { ProblemNote } from '../../components/told.tsx';

/** Registers a deployment; the same again changes nothing. */
export const Register = ({ onClose }: { onClose(): void }) => {
  const [deploymentId, setDeploymentId] = useState('');
  const [environment, setEnvironment] = useState('production');
  const registering = useWrite('registerDeployment', ['deployments']);
  const faultOf = (path: string): string | undefined =>
    registering.problem?.faults.find((fault) => fault.path === path)?.message;
  const register = async (): Promise<void> => {
    if (
      await registering.run({ body: { deploymentId: deploymentId.trim(), environment: environment.trim() } })
    )
      onClose();
  };
  return (
    <ConfirmDialog
      title="Register a deployment"
      confirm="Register"
      isBusy={registering.isPending}
      onConfirm={() => void register()}
      onClose={onClose}
    >
      <TextField
        label="Name"
        required
        placeholder="shop"
        value={deploymentId}
        fault={faultOf('deploymentId')}
        onInput={setDeploymentId}
      />
      <TextField
        label="Environment"
        value={environment}
        fault={faultOf('environment')}
        onInput={setEnvironment}
      />
      <ProblemNote error={registering.problem} />
    </ConfirmDialog>
  );
};
