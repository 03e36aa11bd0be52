namespace OpenCharly.Model;

/// <summary>Where the value of a setting comes from, the strongest first.</summary>
public enum SettingSource
{
    /// <summary>A variable of the process.</summary>
    Env,

    /// <summary>The settings file.</summary>
    File,

    /// <summary>Nobody chose: the default.</summary>
    Default,
}

/// <summary>A setting as it is in force.</summary>
/// <param name="Key">Its key, such as <c>engine.run</c>.</param>
/// <param name="Value">Its value; null if nobody chose and there is no default.</param>
/// <param name="Source">Where the value comes from.</param>
public sealed record Setting(string Key, string? Value, SettingSource Source);
