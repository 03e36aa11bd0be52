using OpenCharly.Execution;
using OpenCharly.Foundation;

namespace OpenCharly.Targets;

/// <summary>
/// Waits until cloud-init has set a guest up (vm.md §7.2). A bad end, or none in time, is only a warning: what the
/// bundle needs may be there all the same.
/// </summary>
internal sealed class CloudInitWait(IExecutor executor, LinuxTargetOptions options, IProgress<CharlyEvent> progress)
{
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var deadline = options.Clock.GetUtcNow() + options.CloudInitTimeout;
        var seen = "still running";
        while (deadline - options.Clock.GetUtcNow() is var left && left > TimeSpan.Zero)
        {
            progress.Report(new WaitEvent("cloud-init has ended", 1, 1, deadline, seen));
            try
            {
                var request = new ScriptRequest("cloud-init status --wait") { Timeout = left };
                var result = await executor.RunAsync(request, cancellationToken).ConfigureAwait(false);
                if (!result.Succeeded) Warn($"cloud-init ended badly: {result.Tail(3)}");
                return;
            }
            catch (CharlyException e) when (e.Code == Errors.SshFailed || e.Code == Errors.RunLost || e.Code == Errors.Io)
            {
                // The first boot restarts sshd: the connection drops, and comes back.
                seen = e.Message;
            }

            await Task.Delay(options.PollInterval, options.Clock, cancellationToken).ConfigureAwait(false);
        }

        Warn($"cloud-init did not end within {options.CloudInitTimeout.TotalSeconds:0} s; last seen: {seen}");
    }

    private void Warn(string text) => progress.Report(new NoticeEvent(NoticeLevel.Warning, $"{options.Host}: {text}. Going on."));
}
