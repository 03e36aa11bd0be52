using OpenCharly.Foundation;
using OpenCharly.Model;

namespace OpenCharly.Operations;

/// <summary>Writes settings into the settings file, or takes them out.</summary>
/// <param name="context">What it works with.</param>
public sealed class SetSetting(CharlyContext context)
{
    private readonly Settings _settings = new(context.Environment, context.Paths);

    /// <summary>Sets one; a <c>vnc.password.KEY</c> goes to where secrets are kept, and its value does not come back.</summary>
    /// <returns>The setting as it is kept now. A warning tells if a variable comes before it.</returns>
    /// <exception cref="CharlyException"><see cref="Errors.SettingUnknown"/>, <see cref="Errors.SettingInvalid"/>; nothing was changed.</exception>
    public async Task<Setting> RunAsync(string key, string value, CancellationToken cancellationToken = default)
    {
        if (SettingSecrets.Address(key) is { } address)
        {
            await new SetSecret(context).RunAsync(address.Service, address.Item, value, cancellationToken).ConfigureAwait(false);
            return new Setting(key, null, SettingSource.File);
        }

        var kept = await _settings.SetAsync(key, value, cancellationToken).ConfigureAwait(false);
        if (SettingKey.Of(key).Variables.FirstOrDefault(v => context.Environment.Variable(v) is not null) is { } variable)
        {
            context.Progress.Report(new NoticeEvent(NoticeLevel.Warning, $"{variable} is set and comes before {key} of the settings file"));
        }

        return kept;
    }

    /// <summary>What <see cref="RunAsync"/> would write; refuses what it would refuse.</summary>
    /// <exception cref="CharlyException"><see cref="Errors.SettingUnknown"/>, <see cref="Errors.SettingInvalid"/>.</exception>
    public static Setting Preview(string key, string value) => SettingSecrets.Address(key) is not null
        ? new Setting(key, null, SettingSource.File)
        : new Setting(key, SettingKey.Of(key).Check(value), SettingSource.File);

    /// <summary>Takes settings out of the file, so that defaults are in force again; secrets stay.</summary>
    /// <param name="keys">Which; all if empty.</param>
    /// <param name="dryRun">Only says which would go.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>Those that were set.</returns>
    /// <exception cref="CharlyException"><see cref="Errors.SettingUnknown"/>; nothing was changed.</exception>
    public Task<IReadOnlyList<string>> ResetAsync(IReadOnlyList<string> keys, bool dryRun = false, CancellationToken cancellationToken = default) =>
        _settings.ResetAsync(keys, dryRun, cancellationToken);
}
