param([Parameter(Mandatory)] [string] $Module)

Describe 'Libraries of the module' {
    BeforeAll {
        Import-Module (Join-Path $PSScriptRoot 'TestKit.psm1') -Force
        $library = Join-Path (Split-Path $Module) 'lib'

        # Another module's YamlDotNet: of that name, an older version, with a type that ours has too.
        $foreign = Join-Path $TestDrive 'YamlDotNet.dll'
        $name = [System.Reflection.AssemblyName]::new('YamlDotNet')
        $name.Version = '15.0.0.0'
        $assembly = [System.Reflection.Emit.PersistedAssemblyBuilder]::new($name, [object].Assembly)
        $type = $assembly.DefineDynamicModule('YamlDotNet').DefineType('YamlDotNet.Core.Parser', 'Public, Sealed, Abstract')
        $code = $type.DefineMethod('Whose', 'Public, Static', [string], @()).GetILGenerator()
        $code.Emit([System.Reflection.Emit.OpCodes]::Ldstr, 'foreign')
        $code.Emit([System.Reflection.Emit.OpCodes]::Ret)
        $null = $type.CreateType()
        $assembly.Save($foreign)
    }

    It 'stay out of the default context, except the loader' {
        $names = Invoke-FreshShell "
            Import-Module '$Module'
            [System.Runtime.Loader.AssemblyLoadContext]::Default.Assemblies | ForEach-Object { `$_.GetName().Name }"
        $own = (Get-ChildItem $library -Filter *.dll).BaseName
        $own | Should -Contain 'YamlDotNet'
        $own | Where-Object { $_ -in $names } | Should -Be 'OpenCharly.PowerShell.Loader'
    }

    It 'work beside another YamlDotNet that was loaded first' {
        $lines = Invoke-FreshShell "
            Add-Type -Path '$foreign'
            Import-Module '$Module'
            [OpenCharly.Yaml.YamlReader]::Read('a: 1', 'x.yml')[0].GetType().FullName
            [YamlDotNet.Core.Parser]::Whose()
            [System.AppDomain]::CurrentDomain.GetAssemblies() | ForEach-Object GetName | Where-Object Name -eq YamlDotNet | ForEach-Object { `$_.Version.Major } | Sort-Object"
        $lines | Should -Be 'OpenCharly.Yaml.YamlMapping', 'foreign', '15', '16'
    }

    It 'work beside another YamlDotNet that is loaded later' {
        $lines = Invoke-FreshShell "
            Import-Module '$Module'
            [OpenCharly.Yaml.YamlReader]::Read('a: 1', 'x.yml')[0].GetType().FullName
            Add-Type -Path '$foreign'
            [YamlDotNet.Core.Parser]::Whose()"
        $lines | Should -Be 'OpenCharly.Yaml.YamlMapping', 'foreign'
    }

    It 'leave the public types of the engine nameable, also as parameter types' {
        Invoke-FreshShell "
            Import-Module '$Module'
            [OpenCharly.Plans.InstallPlan].Name
            [OpenCharly.Vms.CharlyVm].Name
            function f([OpenCharly.Vms.VmStatus] `$Status) { `$Status }
            f running" | Should -Be 'InstallPlan', 'CharlyVm', 'Running'
    }
}
