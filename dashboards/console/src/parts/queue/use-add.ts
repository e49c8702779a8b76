import { App } from 'antd';
import { t } from '../../language.ts';
import type { Task } from './entry.ts';
import { useFieldQueue } from './field-queue.ts';
import { QueueFull } from './queue.ts';

/** Adds to the queue in one go and sends it when it can; answers whether the phone has it. */
export function useAdd(): (tasks: readonly Task[]) => Promise<boolean> {
  const { queue } = useFieldQueue();
  const { message } = App.useApp();
  return async (tasks) => {
    try {
      for (const task of tasks) await queue.add(task);
      void queue.flush();
      void navigator.storage?.persist?.();
      return true;
    } catch (error) {
      message.error(t(error instanceof QueueFull ? 'field.full' : 'field.notSaved'), 8);
      return false;
    }
  };
}
