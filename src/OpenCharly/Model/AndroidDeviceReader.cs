using System.Text.RegularExpressions;
using OpenCharly.Foundation;
using OpenCharly.Yaml;

namespace OpenCharly.Model;

/// <summary>Reads <c>android:</c> entities (deploy.md §7.7).</summary>
internal static partial class AndroidDeviceReader
{
    /// <summary>Reads one.</summary>
    /// <param name="map">The entity.</param>
    /// <param name="name">Its name.</param>
    /// <param name="problems">Problems are added here.</param>
    public static AndroidDevice Read(YamlMapping map, string name, ICollection<Problem> problems)
    {
        var device = new YamlBinder(map, $"android \"{name}\"", problems);
        var adb = Section(device, "adb");
        var account = Section(device, "google_account");
        var read = new AndroidDevice
        {
            Name = name,
            Position = map.Position,
            Box = device.Text("box"),
            AdbHost = adb.Text("host"),
            AdbPort = adb.Integer("port") ?? 5037,
            Serial = device.Text("serial") ?? "emulator-5554",
            EmailSecret = account.Text("email_secret"),
            TokenSecret = account.Text("token_secret"),
        };
        if ((read.Box is null) == (read.AdbHost is null)) device.Report(Errors.AndroidDevice, read.Box is null ? "neither \"box\" nor \"adb.host\"" : "both \"box\" and \"adb.host\"", "Say one: the box of its emulator, or the host of the adb server that reaches it.", map.Position);
        if (read.AdbPort is < 1 or > 65535) adb.Report(Errors.AndroidDevice, $"\"adb.port\" is {read.AdbPort}", "Use a number from 1 to 65535.", adb.At("port"));
        if (read.AdbHost is { } host && !HostForm().IsMatch(host)) adb.Report(Errors.AndroidDevice, $"\"adb.host\" is \"{host}\"", "Write a host name or address, or ${HOST_PORT:5037} for a port that the pod publishes.", adb.At("host"));
        if (!SerialForm().IsMatch(read.Serial)) device.Report(Errors.AndroidDevice, $"\"serial\" is \"{read.Serial}\"", "Write it as adb devices shows it.", device.At("serial"));
        if ((read.EmailSecret is null) != (read.TokenSecret is null)) account.Report(Errors.AndroidDevice, "a Google account needs both \"email_secret\" and \"token_secret\"", "Name both secrets, or leave the account out.", account.Mapping.Position);

        // What the emulator is made of; its box knows.
        device.Accept("name", "device", "api_level", "description");
        foreach (var part in new[] { device, adb, account }) part.RejectUnknown(Errors.CfgUnknownKey, isWarning: true);
        return read;
    }

    private static YamlBinder Section(YamlBinder device, string key) =>
        new(device.Map(key) ?? new YamlMapping([], device.Mapping.Position), $"{device.What} {key}", device.Problems);

    [GeneratedRegex(@"^(?:[A-Za-z0-9][A-Za-z0-9.-]*|\[[0-9a-fA-F:.]+\])?(?::?(?:[0-9]{1,5}|\$\{HOST_PORT:[0-9]{1,5}\}))?\z")]
    private static partial Regex HostForm();

    [GeneratedRegex(@"^[A-Za-z0-9][A-Za-z0-9._:-]{0,127}\z")]
    private static partial Regex SerialForm();
}
